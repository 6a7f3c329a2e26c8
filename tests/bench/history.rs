fn main(){
use sockhop::{store::history::*, wire::*};
use std::time::*;
let dir=tempfile::tempdir().unwrap();
let n:usize=1_000_000;
// reference
let path=dir.path().join("ref.db");
let c=rusqlite::Connection::open(&path).unwrap();
c.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE rows (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL, header INTEGER, trailer INTEGER, boundary INTEGER, raw BLOB, carry BLOB, detail TEXT)").unwrap();
let t=Instant::now();
for b in 0..n/10000 { c.execute_batch("BEGIN").unwrap();
 { let mut s=c.prepare_cached("INSERT INTO rows VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)").unwrap();
 for i in 0..10000 { let l=format!("{:>38}x\n", b*10000+i); s.execute(rusqlite::params![(b*10000+i) as i64, 1_700_000_000_000_000_000i64, 0, 0, 1, 0, l.as_bytes(), None::<&[u8]>, None::<&str>]).unwrap(); } }
 c.execute_batch("COMMIT").unwrap(); }
println!("ref {:?}", t.elapsed());
let h=History::open(&dir.path().join("h.db"), ||()).unwrap();
let s=h.new_session();
let now=jiff::Timestamp::now();
let t=Instant::now();
let rec=|mut r:Record| while let Err(Full(b))=h.record(r){ r=*b; std::thread::yield_now();};
rec(Record::Opened(Box::new(Session{id:s,origin:Origin::Accepted,peer:None,local:None,name:None,encoding:Default::default(),opened:now})));
let mut k=0; while k<n { let m=1600.min(n-k); let mut bytes=Vec::new(); let mut cuts=Vec::new();
 for i in 0..m { bytes.extend_from_slice(format!("{:>38}x\n", k+i).as_bytes()); cuts.push(Cut{end:bytes.len() as u32,header:0,trailer:1,boundary:Boundary::Newline}); }
 rec(Record::Received{session:s,first:k as u64,at:now,batch:Batch{bytes:bytes.into(),cuts}}); k+=m; }
h.ask(Question::Size); loop { if let Some(Answer::Size(z))=h.recv_timeout(Duration::from_secs(60)){ println!("ours {:?} {z:?}", t.elapsed()); break;} }
let t=Instant::now();
loop { h.ask(Question::Size); if let Some(Answer::Size(z))=h.recv_timeout(Duration::from_secs(60)){ if z.unindexed<200 {println!("indexed {:?} {z:?}", t.elapsed()); break;} } std::thread::sleep(Duration::from_millis(50)); }
for needle in ["99999","123456","x","no such","    ","7 x","777777x","00","42","5x","你好"] {
 let t=Instant::now(); h.ask(Question::Search{generation:0,needle:needle.into(),within:None,after:None,count:50});
 loop { if let Some(Answer::Found{hits,more,..})=h.recv_timeout(Duration::from_secs(60)){ println!("{needle:?} {:?} {} {more}", t.elapsed(), hits.len()); break;} }
}
}
