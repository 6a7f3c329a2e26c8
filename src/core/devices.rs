//! Devices that come back: each has its name and its manner again.

use super::{Conversation, Core, Key};
use crate::chat::{ConnId, ConversationChange, Device, Origin, RowKind};

impl Conversation {
    /// The device that it is with: the address it was connected to, or the one that a client came from.
    #[must_use]
    pub fn device(&self) -> String {
        match &self.origin {
            Origin::Outgoing { host, port } | Origin::Datagrams { host, port } if host.contains(':') => {
                format!("[{host}]:{port}")
            }
            Origin::Outgoing { host, port } | Origin::Datagrams { host, port } => format!("{host}:{port}"),
            Origin::Accepted | Origin::Heard => {
                self.peer.map_or_else(String::new, |peer| peer.ip().to_canonical().to_string())
            }
            Origin::Everyone | Origin::Person(_) | Origin::Nearby => String::new(),
        }
    }

    /// The first that the peer said, if that is in memory.
    #[must_use]
    pub fn first_line(&self) -> Option<String> {
        let received = self.entries().iter().find_map(|(_, row)| match &row.kind {
            RowKind::Received(received) => Some(received),
            _ => None,
        })?;
        Some(received.decode(self.manner().encoding).text)
    }
}

impl Core {
    /// The devices that are known.
    #[must_use]
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// A connection is there: whether its address is that of a device.
    pub(super) fn recognise_address(&mut self, conn: ConnId) {
        let Some(conversation) = self.conversation(Key::Conn(conn)).filter(|c| may_be_device(c)) else { return };
        let address = conversation.device();
        let known = self.devices.iter().find(|device| !device.address.is_empty() && device.address == address);
        if let Some(device) = known.cloned() {
            self.recognised(conn, &device);
        }
    }

    /// The first message came: whether it is a device's.
    pub(super) fn recognise_first_line(&mut self, conn: ConnId) {
        let Some(conversation) = self.conversation(Key::Conn(conn)).filter(|c| may_be_device(c)) else { return };
        let Some(first) = conversation.first_line() else { return };
        let known =
            self.devices.iter().find(|device| !device.first_line.is_empty() && first.starts_with(&device.first_line));
        if let Some(device) = known.cloned() {
            self.recognised(conn, &device);
        }
    }

    fn recognised(&mut self, conn: ConnId, device: &Device) {
        let key = Key::Conn(conn);
        if !device.name.is_empty() {
            self.decide_change(key, ConversationChange::Name(Some(device.name.clone())));
        }
        let Some(now) = self.conversation(key).map(|c| c.manner().clone()) else { return };
        let manner = device.manner(now.clone());
        if manner != now {
            self.change_options(key, manner);
        }
    }
}

/// Not a simulated student's, nor one of a lab; and not one that was given a name already.
fn may_be_device(conversation: &Conversation) -> bool {
    conversation.student.is_none() && conversation.name.is_none() && conversation.is_kept()
}
