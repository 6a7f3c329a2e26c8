//! Records of TLS as they go over the wire (RFC 8446 section 5.1): their headers are never encrypted, so whoever listens
//! on the way can cut the stream into them.

use bytes::{Bytes, BytesMut};

/// Bytes of a record's header: content type, version, length.
pub const RECORD_HEADER: usize = 5;

/// The most bytes after the header: 2¹⁴ and what encryption adds (RFC 8446 section 5.2).
pub const LONGEST_RECORD: usize = (1 << 14) + 256;

/// What encryption adds to the content in TLS 1.3: the real content type, and the tag of the AEADs that are in use.
pub const ADDED_BY_ENCRYPTION: usize = 1 + 16;

/// What a record says that it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentType {
    /// Nothing in TLS 1.3; sent for the sake of boxes on the way.
    ChangeCipherSpec,
    /// That something is wrong, or the end; encrypted once there are keys, and called application data then.
    Alert,
    /// The first flights of the handshake, which are not encrypted.
    Handshake,
    /// Everything that is encrypted, whatever it is.
    ApplicationData,
}

impl ContentType {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            20 => Some(Self::ChangeCipherSpec),
            21 => Some(Self::Alert),
            22 => Some(Self::Handshake),
            23 => Some(Self::ApplicationData),
            _ => None,
        }
    }
}

/// Which message of the handshake a record begins with, if it is not encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hello {
    /// What the client offers.
    Client,
    /// What the server has chosen.
    Server,
}

/// A whole record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    content_type: ContentType,
    bytes: Bytes,
}

impl Record {
    /// What it says that it carries.
    #[must_use]
    pub fn content_type(&self) -> ContentType {
        self.content_type
    }

    /// All of it, the header first.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The version that it names: 03 03 for TLS 1.2, as all of TLS 1.3 does, and 03 01 in a first hello.
    #[must_use]
    pub fn version(&self) -> (u8, u8) {
        let byte = |at| self.bytes.get(at).copied().unwrap_or_default();
        (byte(1), byte(2))
    }

    /// Bytes after its header.
    #[must_use]
    pub fn length(&self) -> usize {
        self.bytes.len() - RECORD_HEADER
    }

    /// Which hello it begins with, if it does (RFC 8446 section 4).
    #[must_use]
    pub fn hello(&self) -> Option<Hello> {
        match (self.content_type, self.bytes.get(RECORD_HEADER)) {
            (ContentType::Handshake, Some(1)) => Some(Hello::Client),
            (ContentType::Handshake, Some(2)) => Some(Hello::Server),
            _ => None,
        }
    }

    /// How many bytes are encrypted in it, at most: padding counts as content. None, where it is not encrypted.
    #[must_use]
    pub fn encrypted_bytes(&self) -> Option<usize> {
        let is_encrypted = self.content_type == ContentType::ApplicationData;
        is_encrypted.then(|| self.length().saturating_sub(ADDED_BY_ENCRYPTION))
    }
}

/// Cuts one direction of a stream into records, however its bytes come. Holds at most one record that is not whole.
#[derive(Clone, Debug, Default)]
pub struct Records {
    buffer: BytesMut,
    lost: bool,
}

impl Records {
    /// Takes in what came next; gives what is whole by now. After bytes that begin no record there are no more.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Record> {
        let mut whole = Vec::new();
        if self.lost {
            return whole;
        }
        self.buffer.extend_from_slice(bytes);
        while let Some(&[kind, major, _, high, low]) = self.buffer.first_chunk::<RECORD_HEADER>() {
            let length = usize::from(u16::from_be_bytes([high, low]));
            let content_type = ContentType::of(kind).filter(|_| major == 3 && length <= LONGEST_RECORD);
            let Some(content_type) = content_type else {
                self.lost = true;
                self.buffer = BytesMut::new();
                break;
            };
            if self.buffer.len() < RECORD_HEADER + length {
                break;
            }
            whole.push(Record { content_type, bytes: self.buffer.split_to(RECORD_HEADER + length).freeze() });
        }
        whole
    }

    /// Whether bytes came that begin no record: nothing after them can be cut.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A first hello, a hello of the server, what is sent for the sake of boxes, and five bytes encrypted.
    const STREAM: &[u8] = &[
        22, 3, 1, 0, 4, 1, 0, 0, 0, // ClientHello
        22, 3, 3, 0, 2, 2, 0, // ServerHello
        20, 3, 3, 0, 1, 1, // ChangeCipherSpec
        23, 3, 3, 0, 22, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9,
    ];

    #[test]
    fn a_stream_is_cut_into_the_same_records_however_it_comes() {
        let whole = Records::default().push(STREAM);
        let named: Vec<_> = whole.iter().map(|it| (it.content_type(), it.version(), it.length(), it.hello())).collect();
        assert_eq!(
            named,
            [
                (ContentType::Handshake, (3, 1), 4, Some(Hello::Client)),
                (ContentType::Handshake, (3, 3), 2, Some(Hello::Server)),
                (ContentType::ChangeCipherSpec, (3, 3), 1, None),
                (ContentType::ApplicationData, (3, 3), 22, None),
            ]
        );
        assert_eq!(whole.iter().map(Record::encrypted_bytes).collect::<Vec<_>>(), [None, None, None, Some(5)]);
        assert_eq!(whole.iter().flat_map(|it| it.bytes().to_vec()).collect::<Vec<_>>(), STREAM);
        for size in 1..=STREAM.len() {
            let mut records = Records::default();
            let cut: Vec<_> = STREAM.chunks(size).flat_map(|piece| records.push(piece)).collect();
            assert_eq!(cut, whole, "in pieces of {size}");
        }
    }

    #[test]
    fn what_begins_no_record_ends_the_cutting_and_holds_nothing() {
        for wrong in
            [&b"GET / HTTP/1.1\r\n"[..], &[23, 2, 0, 0, 1, 0], &[23, 3, 3, 0x41, 0x01, 0], &[24, 3, 3, 0, 1, 0]]
        {
            let mut records = Records::default();
            assert_eq!(records.push(&STREAM[..9]).len(), 1);
            assert_eq!(records.push(wrong), [], "{wrong:?}");
            assert!(records.is_lost() && records.buffer.capacity() == 0);
            assert_eq!(records.push(STREAM), []);
        }
    }

    #[test]
    fn the_longest_record_is_one_and_half_a_header_is_none_yet() {
        let longest = [&[23, 3, 3, 0x41, 0x00][..], &vec![7; LONGEST_RECORD]].concat();
        let mut records = Records::default();
        assert_eq!(records.push(&longest[..4]), []);
        assert_eq!(records.push(&longest[4..longest.len() - 1]), []);
        let whole = records.push(&longest[longest.len() - 1..]);
        assert_eq!(whole.iter().map(Record::length).collect::<Vec<_>>(), [LONGEST_RECORD]);
        assert!(!records.is_lost());
    }
}
