//! Who we are: an Ed25519 key (RFC 8032). It is the person; there is no certificate and nothing to expire.

use std::{fmt, sync::Arc};

use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};

use crate::chat::PersonId;

/// Our key. It is never shown and never written but as [`Identity::pkcs8`].
#[derive(Clone)]
pub struct Identity {
    id: PersonId,
    /// As the file has it (RFC 5958).
    pkcs8: Arc<[u8]>,
}

/// Why there is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoIdentity {
    /// It is not what such a file holds.
    #[error("not an Ed25519 key in PKCS #8")]
    NotAKey,
    /// The system gave no random bytes.
    #[error("the system gives no random bytes")]
    NoRandom,
}

impl Identity {
    /// A new one.
    ///
    /// # Errors
    /// Where the system gives no random bytes.
    pub fn generate() -> Result<Self, NoIdentity> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| NoIdentity::NoRandom)?;
        Self::from_pkcs8(pkcs8.as_ref())
    }

    /// The one of a file.
    ///
    /// # Errors
    /// Where it is none.
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, NoIdentity> {
        let pair = Ed25519KeyPair::from_pkcs8(bytes).map_err(|_| NoIdentity::NotAKey)?;
        let id = pair.public_key().as_ref().try_into().map(PersonId).map_err(|_| NoIdentity::NotAKey)?;
        Ok(Self { id, pkcs8: bytes.into() })
    }

    /// What the file holds.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Who we are to others.
    #[must_use]
    pub fn id(&self) -> PersonId {
        self.id
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({})", self.id)
    }
}

/// Whether a key proves nothing: the points whose order divides 8 (RFC 7748 section 7, RFC 8032 section 5.1). With one of
/// them a signature holds that nobody made.
#[must_use]
pub fn is_of_small_order(key: &[u8; 32]) -> bool {
    let mut y = *key;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    SMALL_ORDER.contains(&y)
}

/// Their y coordinates, little-endian, the sign of x masked: 0, 1, the two of order 8, −1, and 0 and 1 written as p and
/// p + 1.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    {
        let mut minus_one = [0xff; 32];
        minus_one[0] = 0xec;
        minus_one[31] = 0x7f;
        minus_one
    },
    {
        let mut p = [0xff; 32];
        p[0] = 0xed;
        p[31] = 0x7f;
        p
    },
    {
        let mut p_and_one = [0xff; 32];
        p_and_one[0] = 0xee;
        p_and_one[31] = 0x7f;
        p_and_one
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_from_its_file_and_its_secret_is_not_shown() {
        let identity = Identity::generate().unwrap();
        let again = Identity::from_pkcs8(identity.pkcs8()).unwrap();
        assert_eq!(identity.id(), again.id());
        assert_eq!(format!("{identity:?}"), format!("Identity({})", identity.id()));
        assert_ne!(identity.id(), Identity::generate().unwrap().id());
        assert!(!is_of_small_order(&identity.id().0));
        for wrong in [&[][..], &identity.pkcs8()[1..], &[0; 83]] {
            assert_eq!(Identity::from_pkcs8(wrong).unwrap_err(), NoIdentity::NotAKey);
        }
    }

    #[test]
    fn with_a_key_of_small_order_a_signature_holds_that_nobody_made_and_each_of_them_is_known() {
        let mut fooled = 0;
        for y in SMALL_ORDER {
            for sign in [0, 0x80] {
                let mut key = y;
                key[31] |= sign;
                assert!(is_of_small_order(&key));
                // R is the point 1 and S is 0: holds whenever the message's hash is a multiple of the key's order.
                let mut signature = [0; 64];
                signature[0] = 1;
                let holds = |message: &[u8]| {
                    let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, key);
                    key.verify(message, &signature).is_ok()
                };
                fooled += usize::from((0..64_u8).any(|message| holds(&[message])));
            }
        }
        assert!(fooled >= 5, "ring takes {fooled} of them");
    }
}
