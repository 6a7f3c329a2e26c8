//! What holds for bytes of strangers, whatever they are: a property test and the fuzzer both call these.

use sockhop::{
    chat::PersonId,
    lan::{
        Identity,
        beacon::{Beacon, LONGEST_BEACON},
        frame::{Frame, FrameReader, LONGEST_FRAME},
        limits::BYTES_BEFORE_AUTHENTICATION,
        link::{Link, LinkError},
        tls::Tls,
    },
};

/// A packet is a beacon or not; if it is, it can be sent on, and says the same again.
pub fn beacon(packet: &[u8]) {
    let Some(beacon) = Beacon::from_packet(packet) else { return };
    assert!(packet.len() <= LONGEST_BEACON && beacon.tcp != 0);
    let again = beacon.to_packet();
    assert!(again.len() <= LONGEST_BEACON, "{}", again.len());
    let read = Beacon::from_packet(&again).expect("a beacon of ours");
    assert!(beacon.name.starts_with(&read.name));
    assert_eq!(Beacon { name: read.name.clone(), ..beacon }, read);
}

/// However bytes are cut, the same frames come of them, none longer than allowed, and the same error.
pub fn frames(bytes: &[u8], cut_at: usize) {
    let whole = read(&[bytes]);
    let (first, second) = bytes.split_at(cut_at.min(bytes.len()));
    assert_eq!(whole, read(&[first, second]));
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(whole, read(&single));
    for frame in &whole.0 {
        assert!(frame.json.len() <= LONGEST_FRAME);
        let _ = frame.read::<serde_json::Value>();
    }
}

fn read(pieces: &[&[u8]]) -> (Vec<Frame>, bool) {
    let (mut reader, mut frames) = (FrameReader::default(), Vec::new());
    let failed = pieces.iter().any(|piece| reader.push(piece, LONGEST_FRAME, &mut frames).is_err());
    (frames, failed)
}

/// Bytes of a stranger never make a link, and no more of them is taken than a handshake may have.
pub fn link(ours: &Tls, bytes: &[u8], end_dials: bool) {
    let link = if end_dials { Link::dial(ours, Some(PersonId([1; 32]))) } else { Link::accept(ours) };
    let mut link = link.unwrap();
    let mut taken = 0;
    for piece in bytes.chunks(100) {
        match link.take(piece) {
            Ok(came) => {
                assert_eq!(link.peer(), None);
                assert!(came.frames.is_empty());
                taken += piece.len();
                assert!(taken <= BYTES_BEFORE_AUTHENTICATION);
            }
            Err(error) => {
                assert_ne!(error, LinkError::OwnKey);
                break;
            }
        }
        let mut out = Vec::new();
        link.write(&mut out).unwrap();
    }
}

/// How links are made by somebody.
pub fn somebody() -> Tls {
    Tls::new(&Identity::generate().unwrap()).unwrap()
}
