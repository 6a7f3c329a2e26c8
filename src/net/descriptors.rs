//! How many sockets this process may have open.

/// Raise the limit of open files as far as the system lets us: the soft limit to the hard one, and
/// the hard one to what the most clients need (getrlimit(2)). Where that fails, `accept` says so in time.
#[cfg(unix)]
pub(super) fn raise_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// For files, the window and the sockets that are no clients.
    const RESERVED_DESCRIPTORS: u64 = 1024;

    let limit = getrlimit(Resource::Nofile);
    let wanted = super::MOST_CLIENTS as u64 + RESERVED_DESCRIPTORS;
    let enough = |value: Option<u64>| value.is_none_or(|value| value >= wanted);
    if enough(limit.current) {
        return;
    }
    if !enough(limit.maximum) {
        // Only with the right to; without, the hard limit as it is has to do.
        let raised = Rlimit { current: Some(wanted), maximum: Some(wanted) };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            return;
        }
    }
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::info!(%error, "the limit of open files stays as it is");
    }
}

/// Windows has no such limit.
#[cfg(not(unix))]
pub(super) fn raise_limit() {}
