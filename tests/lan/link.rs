//! Keys and links without a socket: what a handshake proves, and what is refused.

use std::{collections::BTreeSet, sync::Arc};

use rustls::{
    ClientConfig, ClientConnection, Connection, DigitallySignedStruct, SignatureAlgorithm, SignatureScheme,
    client::{
        AlwaysResolvesClientRawPublicKeys,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::ring as provider,
    pki_types::{CertificateDer, ServerName, UnixTime},
    sign::{CertifiedKey, Signer, SigningKey},
    version::TLS13,
};
use sockhop::{
    chat::PersonId,
    lan::{
        Identity, KeyFile,
        frame::{FrameError, Kind, LONGEST_FIRST_FRAME, LONGEST_FRAME, frame},
        limits::BYTES_BEFORE_AUTHENTICATION,
        link::{Link, LinkError, Taken},
        tls::{ALPN, Tls},
    },
};

struct Somebody {
    id: PersonId,
    tls: Tls,
}

fn somebody() -> Somebody {
    let identity = Identity::generate().unwrap();
    Somebody { id: identity.id(), tls: Tls::new(&identity).unwrap() }
}

/// What a link has to say now.
fn written(link: &mut Link) -> Vec<u8> {
    let mut out = Vec::new();
    link.write(&mut out).unwrap();
    out
}

/// Carries bytes between both ends, cut into pieces of that size, until neither has anything to say. What each took.
fn carry(one: &mut Link, other: &mut Link, piece: usize) -> Result<[Vec<Taken>; 2], LinkError> {
    let mut taken = [Vec::new(), Vec::new()];
    loop {
        let (there, back) = (written(one), written(other));
        if there.is_empty() && back.is_empty() {
            return Ok(taken);
        }
        for part in there.chunks(piece) {
            taken[1].push(other.take(part)?);
        }
        for part in back.chunks(piece) {
            taken[0].push(one.take(part)?);
        }
    }
}

fn linked(one: &Somebody, other: &Somebody) -> (Link, Link) {
    let (mut dialled, mut accepted) =
        (Link::dial(&one.tls, Some(other.id)).unwrap(), Link::accept(&other.tls).unwrap());
    carry(&mut dialled, &mut accepted, usize::MAX).unwrap();
    (dialled, accepted)
}

#[test]
fn both_ends_know_who_the_other_is_however_the_bytes_are_cut() {
    let (one, other) = (somebody(), somebody());
    for piece in [1, 7, 100, usize::MAX] {
        let (mut dialled, mut accepted) = (Link::dial(&one.tls, None).unwrap(), Link::accept(&other.tls).unwrap());
        let first = written(&mut dialled);
        assert!(first.len() < 400, "{}", first.len());
        for part in first.chunks(piece.min(first.len())) {
            accepted.take(part).unwrap();
        }
        carry(&mut dialled, &mut accepted, piece.min(4_096)).unwrap();
        assert_eq!((dialled.peer(), accepted.peer()), (Some(other.id), Some(one.id)));
    }
}

#[test]
fn frames_go_both_ways_and_come_in_order() {
    let (one, other) = (somebody(), somebody());
    let (mut dialled, mut accepted) = linked(&one, &other);
    dialled.greeted();
    accepted.greeted();
    for n in 0..500 {
        dialled.send(frame(Kind::Message, &n));
        accepted.send(frame(Kind::Delivered, &n));
    }
    let [here, there] = carry(&mut dialled, &mut accepted, 1_000).unwrap();
    for (taken, kind) in [(here, Kind::Delivered), (there, Kind::Message)] {
        let frames: Vec<u32> = taken
            .iter()
            .flat_map(|taken| &taken.frames)
            .inspect(|frame| assert_eq!(frame.kind, kind))
            .map(|frame| frame.read().unwrap())
            .collect();
        assert_eq!(frames, (0..500).collect::<Vec<_>>());
    }
}

#[test]
fn another_key_than_the_one_that_was_dialled_is_refused_and_so_is_our_own() {
    let (one, other, third) = (somebody(), somebody(), somebody());
    let mut dialled = Link::dial(&one.tls, Some(third.id)).unwrap();
    let mut accepted = Link::accept(&other.tls).unwrap();
    assert_eq!(carry(&mut dialled, &mut accepted, 4_096), Err(LinkError::OtherKey));
    let (mut dialled, mut accepted) = (Link::dial(&one.tls, None).unwrap(), Link::accept(&one.tls).unwrap());
    assert_eq!(carry(&mut dialled, &mut accepted, 4_096), Err(LinkError::OwnKey));
}

#[test]
fn the_secrets_of_a_link_are_written_where_that_was_asked_for_and_both_ends_write_the_same() {
    let (mut one, mut other, third) = (somebody(), somebody(), somebody());
    let files = [tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap()];
    for (side, file) in [&mut one, &mut other].into_iter().zip(&files) {
        side.tls.write_keys(&KeyFile::new(file.reopen().unwrap()));
    }
    let _ = linked(&one, &other);
    let lines = |at: usize| -> BTreeSet<String> {
        std::fs::read_to_string(files[at].path()).unwrap().lines().map(str::to_owned).collect()
    };
    let written = lines(0);
    assert_eq!(written, lines(1));
    for label in ["CLIENT_HANDSHAKE", "SERVER_HANDSHAKE", "CLIENT", "SERVER"] {
        let label =
            if label.contains('_') { format!("{label}_TRAFFIC_SECRET ") } else { format!("{label}_TRAFFIC_SECRET_0 ") };
        let line =
            written.iter().find(|line| line.starts_with(&label)).unwrap_or_else(|| panic!("{label}: {written:?}"));
        let parts: Vec<usize> = line.split(' ').skip(1).map(str::len).collect();
        assert!(parts == [64, 64] || parts == [64, 96], "{line}");
    }
    let _ = linked(&third, &somebody());
    assert_eq!(written, lines(0), "of another link");
}

#[test]
fn one_changed_bit_ends_the_link() {
    let (one, other) = (somebody(), somebody());
    for at in [5, 20, 40] {
        let (mut dialled, mut accepted) = linked(&one, &other);
        dialled.send(frame(Kind::Hello, &"a message that nobody may change"));
        let mut bytes = written(&mut dialled);
        bytes[at] ^= 1;
        assert!(matches!(accepted.take(&bytes), Err(LinkError::Tls(_))), "{at}");
    }
}

#[test]
fn what_was_recorded_of_a_link_opens_no_other() {
    let (one, other) = (somebody(), somebody());
    let (mut dialled, mut accepted) = (Link::dial(&one.tls, None).unwrap(), Link::accept(&other.tls).unwrap());
    let mut recorded = written(&mut dialled);
    accepted.take(&recorded).unwrap();
    dialled.take(&written(&mut accepted)).unwrap();
    dialled.send(frame(Kind::Hello, &"hello"));
    recorded.extend(written(&mut dialled));
    let mut again = Link::accept(&other.tls).unwrap();
    let taken = again.take(&recorded);
    assert!(matches!(taken, Err(LinkError::Tls(_))), "{taken:?}");
    assert_eq!(again.peer(), None);
}

#[test]
fn no_more_is_taken_of_a_stranger_than_a_handshake_has() {
    let mut accepted = Link::accept(&somebody().tls).unwrap();
    // A hello that is 60 KB long, and valid as far as it goes.
    let mut hello = vec![0x16, 0x03, 0x01, 0x3f, 0xff, 0x01, 0x00, 0xea, 0x60];
    hello.resize(60_000, 0);
    let mut taken = 0;
    let error = hello.chunks(64).find_map(|part| {
        taken += part.len();
        accepted.take(part).err()
    });
    assert_eq!(error, Some(LinkError::TooManyBytes));
    assert!(taken <= BYTES_BEFORE_AUTHENTICATION + 64, "{taken}");
}

#[test]
fn a_frame_that_is_too_long_ends_the_link_before_anything_is_held_for_it() {
    let (one, other) = (somebody(), somebody());
    for (length, greeted, ok) in [
        (u32::MAX, true, false),
        (LONGEST_FRAME as u32 + 2, true, false),
        (LONGEST_FRAME as u32 + 1, true, true),
        (LONGEST_FIRST_FRAME as u32 + 2, false, false),
        (LONGEST_FIRST_FRAME as u32 + 1, false, true),
        (0, true, false),
    ] {
        let (mut dialled, mut accepted) = linked(&one, &other);
        if greeted {
            accepted.greeted();
        }
        dialled.send([&length.to_be_bytes()[..], &[Kind::Hello as u8], b"[[[["].concat());
        let taken = accepted.take(&written(&mut dialled));
        if ok {
            assert_eq!(taken, Ok(Taken::default()), "{length}");
        } else {
            assert_eq!(taken, Err(LinkError::Frame(FrameError::Length(length))));
        }
    }
}

#[test]
fn json_that_is_deep_makes_no_sense() {
    let (one, other) = (somebody(), somebody());
    let (mut dialled, mut accepted) = linked(&one, &other);
    let deep = "[".repeat(3_000);
    dialled.send([&(deep.len() as u32 + 1).to_be_bytes()[..], &[Kind::Hello as u8], deep.as_bytes()].concat());
    let taken = accepted.take(&written(&mut dialled)).unwrap();
    assert_eq!(taken.frames[0].read::<serde_json::Value>(), Err(FrameError::Content));
}

/// Takes any server.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// "Signs" without a secret: R is the neutral point and S is 0.
#[derive(Debug)]
struct Forger;

impl SigningKey for Forger {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Self))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for Forger {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let mut signature = vec![0; 64];
        signature[0] = 1;
        Ok(signature)
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// A client that is no Sockhop, with this key, or none.
fn hostile(key: Option<CertifiedKey>, alpn: Option<&[u8]>) -> Connection {
    let config = ClientConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anyone));
    let mut config = match key {
        Some(key) => config.with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::new(key)))),
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.map(<[u8]>::to_vec).into_iter().collect();
    config.enable_sni = false;
    let name = ServerName::try_from("a.example").unwrap();
    ClientConnection::new(Arc::new(config), name).unwrap().into()
}

/// What a link says of that client, once it has proved a key or is refused.
fn refused(mut client: Connection) -> Option<LinkError> {
    let mut accepted = Link::accept(&somebody().tls).unwrap();
    loop {
        let mut out = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut out).unwrap();
        }
        if let Err(error) = accepted.take(&out) {
            return Some(error);
        }
        let back = written(&mut accepted);
        if accepted.peer().is_some() || (out.is_empty() && back.is_empty()) {
            return None;
        }
        let mut back = &back[..];
        while !back.is_empty() {
            client.read_tls(&mut back).unwrap();
        }
        if client.process_new_packets().is_err() {
            return Some(LinkError::NoKey);
        }
    }
}

/// A key as TLS has it (RFC 8410).
fn spki(key: [u8; 32]) -> CertificateDer<'static> {
    let head = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    CertificateDer::from([&head[..], &key].concat())
}

#[test]
fn a_key_of_small_order_opens_no_link_though_a_signature_with_it_holds() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut minus_one = [0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    let mut sign = neutral;
    sign[31] |= 0x80;
    for key in [neutral, minus_one, [0; 32], sign] {
        let forged = CertifiedKey::new(vec![spki(key)], Arc::new(Forger));
        let error = refused(hostile(Some(forged), Some(ALPN)));
        assert!(matches!(error, Some(LinkError::Tls(_))), "{error:?}");
    }
    // It is the key that is refused: the forged signature holds for the neutral point with any message.
    let ring = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, neutral);
    ring.verify(b"anything", &Forger.sign(&[]).unwrap()).unwrap();
}

#[test]
fn whoever_has_another_protocol_or_no_key_gets_no_link() {
    let key = || {
        let identity = Identity::generate().unwrap();
        let pkcs8 = identity.pkcs8().to_vec().into();
        let signs = provider::sign::any_eddsa_type(&pkcs8).unwrap();
        CertifiedKey::new(vec![spki(identity.id().0)], signs)
    };
    assert_eq!(refused(hostile(Some(key()), Some(ALPN))), None, "as a Sockhop does it");
    assert_eq!(refused(hostile(Some(key()), None)), Some(LinkError::OtherProtocol));
    assert!(matches!(refused(hostile(Some(key()), Some(b"h2"))), Some(LinkError::Tls(_))));
    assert!(refused(hostile(None, Some(ALPN))).is_some());
    // Two keys, or something that is none.
    let (first, second) = (key(), key());
    let two = CertifiedKey::new(vec![first.cert[0].clone(), second.cert[0].clone()], first.key.clone());
    assert!(matches!(refused(hostile(Some(two), Some(ALPN))), Some(LinkError::Tls(_))));
    let none = CertifiedKey::new(vec![CertificateDer::from(vec![1; 44])], key().key);
    assert!(matches!(refused(hostile(Some(none), Some(ALPN))), Some(LinkError::Tls(_))));
    // Somebody else's key, without its secret.
    let stolen = CertifiedKey::new(vec![spki(somebody().id.0)], key().key);
    assert!(matches!(refused(hostile(Some(stolen), Some(ALPN))), Some(LinkError::Tls(_))));
}
