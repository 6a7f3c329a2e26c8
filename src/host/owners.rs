//! Which process holds a socket, found among the descriptors of all processes that the system lets us look at.

use std::{
    collections::{HashMap, HashSet},
    fs,
    time::{Duration, Instant},
};

use super::PortOwner;

/// Processes by the inodes of their sockets, as far as they were asked for.
#[derive(Debug, Default)]
pub(super) struct Owners {
    found: HashMap<u64, Option<PortOwner>>,
    /// When to look for new ones at the earliest.
    next: Option<Instant>,
}

impl Owners {
    /// Knows of these sockets and forgets all others. Looks through the processes if one is new; as that takes time, it
    /// pauses a hundred times as long in between, and what is new then has no owner for so long.
    pub(super) fn look_for(&mut self, inodes: &HashSet<u64>) {
        self.found.retain(|inode, _| inodes.contains(inode));
        let begun = Instant::now();
        if inodes.iter().all(|inode| self.found.contains_key(inode)) || self.next.is_some_and(|next| begun < next) {
            return;
        }
        let mut new: HashSet<u64> = inodes.iter().filter(|inode| !self.found.contains_key(inode)).copied().collect();
        let looked = new.clone();
        for (inode, owner) in holders(&mut new) {
            self.found.insert(inode, Some(owner));
        }
        for inode in looked {
            // Another user's, or in another container.
            self.found.entry(inode).or_default();
        }
        self.next = Some(Instant::now() + REST.max(begun.elapsed() * 100));
    }

    /// Who holds it, where the system says.
    pub(super) fn of(&self, inode: u64) -> Option<&PortOwner> {
        self.found.get(&inode)?.as_ref()
    }
}

/// The least time between two looks through the processes.
const REST: Duration = Duration::from_millis(500);

/// The oldest process that holds each of these sockets; those found are taken out of `wanted`.
fn holders(wanted: &mut HashSet<u64>) -> Vec<(u64, PortOwner)> {
    let mut found = Vec::new();
    let mut pids: Vec<u32> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    pids.sort_unstable();
    for pid in pids {
        if wanted.is_empty() {
            break;
        }
        // It may have ended, or be another user's.
        let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
        for descriptor in descriptors.flatten() {
            let Some(inode) = fs::read_link(descriptor.path()).ok().and_then(|target| inode_of(target.to_str()?))
            else {
                continue;
            };
            if wanted.remove(&inode) {
                let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
                found.push((inode, PortOwner { name: name.trim_end().to_owned(), pid }));
            }
        }
    }
    found
}

/// The inode of a descriptor that is a socket (`proc_pid_fd(5)`).
pub(super) fn inode_of(target: &str) -> Option<u64> {
    target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}
