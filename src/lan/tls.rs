//! TLS 1.3 with raw Ed25519 keys on both sides (RFC 8446, RFC 7250): no certificates, no tickets, nothing before the
//! handshake is done.

use std::{fmt::Write as _, fs::File, io::Write as _, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error, KeyLog, ServerConfig,
    SignatureScheme,
    client::{
        AlwaysResolvesClientRawPublicKeys, Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring as provider, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::{
        AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::CertifiedKey,
    version::TLS13,
};

use super::identity::{Identity, is_of_small_order};
use crate::chat::PersonId;

/// What a link speaks; whoever says something else is no Sockhop.
pub const ALPN: &[u8] = b"sockhop/1";

/// What stands before the 32 bytes of a key in its `SubjectPublicKeyInfo` (RFC 8410 section 4).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// How both ends of links are made with our key.
#[derive(Clone, Debug)]
pub struct Tls {
    pub(super) client: Arc<ClientConfig>,
    pub(super) server: Arc<ServerConfig>,
    pub(super) id: PersonId,
}

impl Tls {
    /// With this key.
    ///
    /// # Errors
    /// What rustls says of it.
    pub fn new(identity: &Identity) -> Result<Self, Error> {
        let provider = Arc::new(ours());
        let key = provider::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(identity.pkcs8()))?;
        let certified = Arc::new(CertifiedKey::new(vec![CertificateDer::from(spki(&identity.id()))], key));
        let verifier = Arc::new(RawKeys(provider.signature_verification_algorithms));
        let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>)
            .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(Arc::clone(&certified))));
        client.alpn_protocols = vec![ALPN.to_vec()];
        client.resumption = Resumption::disabled();
        client.enable_sni = false;
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(certified)));
        server.alpn_protocols = vec![ALPN.to_vec()];
        server.send_tls13_tickets = 0;
        server.max_early_data_size = 0;
        server.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(Self { client: Arc::new(client), server: Arc::new(server), id: identity.id() })
    }
}

impl Tls {
    /// Writes the secrets of each link to this file from here on.
    pub fn write_keys(&mut self, keys: &KeyFile) {
        let keys: Arc<dyn KeyLog> = Arc::new(keys.clone());
        Arc::make_mut(&mut self.client).key_log = Arc::clone(&keys);
        Arc::make_mut(&mut self.server).key_log = keys;
    }
}

/// A file with the secrets of links, as Wireshark reads it (draft-ietf-tls-keylogfile). Whoever has it reads all that
/// goes over them.
#[derive(Clone, Debug)]
pub struct KeyFile(Arc<File>);

impl KeyFile {
    /// Into this file, which was opened to write to its end.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self(Arc::new(file))
    }
}

impl KeyLog for KeyFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = format!("{label} ");
        for (bytes, end) in [(client_random, ' '), (secret, '\n')] {
            for byte in bytes {
                let _ = write!(line, "{byte:02x}");
            }
            line.push(end);
        }
        // At once, so that no two lines of two links are mixed.
        if let Err(error) = (&*self.0).write_all(line.as_bytes()) {
            tracing::warn!(%error, "the secrets of a link are not written");
        }
    }
}

/// One exchange of keys is enough between Sockhops, and makes the first flight small.
fn ours() -> CryptoProvider {
    let mut provider = provider::default_provider();
    provider.kx_groups.retain(|group| group.name() == rustls::NamedGroup::X25519);
    provider
}

/// A key as TLS has it.
fn spki(id: &PersonId) -> Vec<u8> {
    [&SPKI[..], &id.0].concat()
}

/// The key of such bytes; none, if they are something else or a key that proves nothing.
pub(super) fn key_of(spki: &[u8]) -> Option<PersonId> {
    let key: [u8; 32] = spki.strip_prefix(&SPKI)?.try_into().ok()?;
    (!is_of_small_order(&key)).then_some(PersonId(key))
}

/// Takes any Ed25519 key: whose it is, is for others to know. A signature with it has to hold.
#[derive(Debug)]
struct RawKeys(WebPkiSupportedAlgorithms);

impl RawKeys {
    fn check(key: &CertificateDer<'_>, more: &[CertificateDer<'_>]) -> Result<(), Error> {
        if more.is_empty() && key_of(key).is_some() {
            return Ok(());
        }
        Err(Error::InvalidCertificate(CertificateError::BadEncoding))
    }

    fn verify(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Self::check(key, &[])?;
        if signed.scheme != SignatureScheme::ED25519 {
            return Err(Error::InvalidCertificate(CertificateError::BadSignature));
        }
        verify_tls13_signature_with_raw_key(message, &SubjectPublicKeyInfoDer::from(key.as_ref()), signed, &self.0)
    }
}

impl ServerCertVerifier for RawKeys {
    fn verify_server_cert(
        &self,
        key: &CertificateDer<'_>,
        more: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Self::check(key, more).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::InvalidCertificate(CertificateError::BadSignature))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, key, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for RawKeys {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        key: &CertificateDer<'_>,
        more: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Self::check(key, more).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::InvalidCertificate(CertificateError::BadSignature))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        key: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verify(message, key, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}
