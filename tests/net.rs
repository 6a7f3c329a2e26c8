//! smoke
use sockhop::net::*;
use std::time::Duration;
#[test]
fn smoke() {
    let net = Net::start(|| ()).unwrap();
    let listener = net.next_listener();
    let mut options = ListenOptions::new(([127, 0, 0, 1], 0).into());
    options.conn.auto_reply = AutoReply::Echo;
    net.send(Command::Listen { listener, options }).unwrap();
    let mut c = None;
    let mut done = 0;
    while let Some(event) = net.recv_timeout(Duration::from_secs(1)) {
        eprintln!("{:?}", event.kind);
        match event.kind {
            EventKind::Listening { local, .. } => {
                let conn = net.next_conn();
                c = Some(conn);
                net.send(Command::Connect {
                    conn,
                    host: "localhost".into(),
                    port: local.port(),
                    options: ConnOptions::default(),
                })
                .unwrap();
            }
            EventKind::Connected { conn, .. } => {
                net.send(Command::Send { conn, message: net.next_message(), bytes: "你好\n".into() }).unwrap();
            }
            EventKind::Received { conn, .. } if Some(conn) == c => {
                net.send(Command::FinishSending { conn }).unwrap();
            }
            EventKind::Closed { .. } => {
                done += 1;
                if done == 2 {
                    net.send(Command::Quit).unwrap();
                }
            }
            EventKind::Stopped => break,
            _ => {}
        }
    }
    net.quit();
}
