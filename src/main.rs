fn main() {
    let folder =
        sockhop::store::DataFolder::open(std::env::args().nth(1).as_deref().map(std::path::Path::new)).unwrap();
    let (settings, damaged) = sockhop::store::Settings::load(&folder.settings());
    sockhop::app::run(sockhop::app::Start { folder, settings, damaged, listen: false, connect: None, frame_log: None })
        .unwrap();
}
