//! Whole Sockhops on networks of namespaces: `scenarios.py`, each in a network namespace of its own.

use std::{path::Path, process::Command};

/// Plays a scenario. Where the system gives no namespaces there is nothing to play it in: that is said.
#[track_caller]
fn play(scenario: &str, limit: u32) {
    let has_namespaces = Command::new("unshare").args(["-Urnm", "true"]).status().is_ok_and(|status| status.success());
    if !has_namespaces {
        eprintln!("not played: this system lets nobody make network namespaces (unshare -Urnm)");
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lan");
    let played = Command::new("unshare")
        .args(["-Urnm", "--kill-child", "sh", "-c", "ip link set lo up && exec python3 scenarios.py \"$0\"", scenario])
        .current_dir(folder)
        .env("SOCKHOP", env!("CARGO_BIN_EXE_sockhop"))
        .env("ALARM", limit.to_string())
        .output()
        .expect("unshare");
    let said = String::from_utf8_lossy(&played.stderr);
    println!("{said}");
    assert!(played.status.success(), "{scenario}: {}", said.chars().take(6_000).collect::<String>());
}

macro_rules! scenarios {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            play(stringify!($name), 240);
        })*
    };
}

scenarios! {
    a_cut_is_bridged
    a_docker_bridge_is_left_alone
    a_new_key_under_a_verified_name_warns
    a_restored_backup_continues
    blocked_people_are_not_heard
    digits_that_differ_lock_after_three
    found_by_its_address
    found_talked_and_verified
    killed_a_few_times
    looked_for_where_no_broadcast_gets_through
    nothing_is_lost_while_the_history_is_off
    off_where_nothing_could_be_kept
    one_person_with_two_network_cards
    said_once_with_an_exit_status
    to_everyone_nearby
    what_waited_in_a_restored_backup_comes_once
    what_waits_can_be_taken_back
}

#[test]
#[ignore = "half an hour: 10,000 messages each way"]
fn killed_and_cut_often() {
    play("killed_and_cut_often", 3_600);
}

#[test]
#[ignore = "two minutes, and forty programs at once"]
fn forty_find_each_other() {
    play("forty_find_each_other", 900);
}

#[test]
#[ignore = "some minutes each: a network that loses, delays, doubles and reorders"]
fn a_bad_network_loses_nothing() {
    for network in ["lossy_5", "lossy_20", "slow", "doubled_and_reordered", "dead_for_a_minute"] {
        play(network, 600);
    }
}
