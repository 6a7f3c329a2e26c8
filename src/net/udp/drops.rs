//! How many datagrams the kernel received for a socket and had no room for.

/// Of one socket.
#[derive(Debug)]
pub(super) struct Drops {
    fd: i64,
    ipv6: bool,
    /// What was told last.
    told: u64,
    /// Something came since it was asked last.
    due: bool,
}

impl Drops {
    pub(super) fn of(fd: i64, ipv6: bool) -> Self {
        Self { fd, ipv6, told: 0, due: false }
    }

    /// Something came: it is worth asking.
    pub(super) fn noticed(&mut self, came: bool) {
        self.due |= came;
    }

    pub(super) fn are_due(&self) -> bool {
        self.due
    }

    /// How many there are, if they are more than were told.
    pub(super) fn ask(&mut self) -> Option<u64> {
        self.due = false;
        let now = system::drops(self.fd, self.ipv6)?;
        (now > self.told).then(|| {
            self.told = now;
            now
        })
    }
}

/// `/proc/net/udp` (proc(5)): the socket's row has its inode, and its last column counts what was dropped.
#[cfg(target_os = "linux")]
mod system {
    use std::fs;

    pub(super) fn drops(fd: i64, ipv6: bool) -> Option<u64> {
        let link = fs::read_link(format!("/proc/self/fd/{fd}")).ok()?;
        let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
        let table = fs::read_to_string(if ipv6 { "/proc/self/net/udp6" } else { "/proc/self/net/udp" }).ok()?;
        in_table(&table, &inode)
    }

    pub(super) fn in_table(table: &str, inode: &str) -> Option<u64> {
        let row = table.lines().skip(1).find(|row| row.split_whitespace().nth(9) == Some(inode))?;
        row.split_whitespace().next_back()?.parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::in_table;

        const TABLE: &str = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  471: 00000000:22B8 00000000:0000 07 00000000:00033F00 00:00000000 00000000  1000        0 62344 2 0000000000000000 317
  985: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 19 2 0000000000000000 0
";

        #[test]
        fn a_sockets_drops_are_those_of_its_own_row() {
            assert_eq!([in_table(TABLE, "62344"), in_table(TABLE, "19")], [Some(317), Some(0)]);
            assert_eq!(in_table(TABLE, "1"), None);
        }
    }
}

/// Other systems do not say it of one socket.
#[cfg(not(target_os = "linux"))]
mod system {
    pub(super) fn drops(_: i64, _: bool) -> Option<u64> {
        None
    }
}
