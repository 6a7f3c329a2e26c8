//! Why a conversation in the terminal does not do what it should: the kernel is asked as the core wants it, and what
//! core finds is told once.

use std::{collections::BTreeMap, io};

use crate::{
    core::{Core, Input, diagnoses::Diagnosis},
    driver::Driver,
    host::{Answer, Host, Question, Wanted},
    net::ConnId,
};

/// Asks, and remembers what was told.
#[derive(Debug)]
pub struct Doctor {
    host: Host,
    wanted: Option<Wanted>,
    found_out: Option<u64>,
    told: BTreeMap<ConnId, &'static str>,
}

/// What is to be told of a conversation.
pub enum News<'a> {
    /// This is the matter.
    Found(&'a Diagnosis),
    /// What was told of this name is so no longer.
    Over(&'static str),
}

impl Doctor {
    /// Begins; `wake` is called when there is something to take in.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        Ok(Self { host: Host::start(wake)?, wanted: None, found_out: None, told: BTreeMap::new() })
    }

    /// Has the kernel asked for what is wanted now, and takes in what it said.
    pub fn look_after(&mut self, driver: &mut Driver) {
        while let Some(answer) = self.host.try_recv() {
            if let Answer::Sockets(table) = answer
                && self.wanted.is_some()
            {
                let _ = driver.apply(Input::Sockets(Some(table)));
            }
        }
        let version = driver.core().sockets_wanted_version();
        if self.found_out == Some(version) {
            return;
        }
        let wanted = driver.core().sockets_wanted(false);
        if wanted != self.wanted {
            if !self.host.ask(Question::WatchSockets(wanted.clone())) {
                return;
            }
            self.wanted = wanted;
        }
        self.found_out = Some(version);
    }

    /// What is to be told since this was asked last.
    pub fn news<'c>(&mut self, core: &'c Core) -> Vec<(ConnId, News<'c>)> {
        let mut news = Vec::new();
        for (conn, conversation) in core.conversations() {
            let found = conversation.diagnosis();
            let told = self.told.get(&conn).copied();
            match (found, told) {
                (Some(found), told) if told != Some(found.name()) => {
                    self.told.insert(conn, found.name());
                    news.push((conn, News::Found(found)));
                }
                // What ended with its connection is no news, nor is it when that is found again.
                (None, Some(told)) if !conversation.state.is_over() => {
                    self.told.remove(&conn);
                    news.push((conn, News::Over(told)));
                }
                _ => {}
            }
        }
        news
    }
}
