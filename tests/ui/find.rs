//! Finding a text in the conversation that is open.

use egui::{Key, Modifiers};
use i18n_embed_fl::fl;

use super::window::in_each_language;

#[test]
fn a_text_is_found_in_the_open_conversation_from_the_newest_on() {
    in_each_language(|setup| {
        let (mut window, mut peer) = setup.size(1024.0, 640.0).with_client();
        let many = (0..200).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
        peer.send(format!("first ＡＢＣ\n{many}\nsecond abc\n"));
        window.see_message(false, "second abc");
        let message = fl!(window.words, "message");
        window.fill(&message, "draft");
        window.press(Modifiers::COMMAND, Key::F);
        let field = fl!(window.words, "find");
        window.write("abc");
        window.see(&fl!(window.words, "find-count", at = 1, total = 2));
        let newer = fl!(window.words, "find-newer");
        let older = fl!(window.words, "find-older");
        assert!(window.is_enabled(&older) && !window.is_enabled(&newer));
        window.press(Modifiers::NONE, Key::Enter);
        window.see(&fl!(window.words, "find-count", at = 2, total = 2));
        window.see_message(false, "first ＡＢＣ");
        assert_eq!(window.focused().as_ref(), Some(&field));
        window.click(&newer);
        window.see_message(false, "second abc");
        // One that comes later is counted, and what is looked at stays.
        window.click(&older);
        peer.send("third abc\nnot this\n");
        window.see(&fl!(window.words, "find-count", at = 3, total = 3));
        window.see_message(false, "first ＡＢＣ");
        window.fill(&field, "nowhere");
        window.see(&fl!(window.words, "find-none"));
        peer.send("nowhere\n");
        window.see(&fl!(window.words, "find-count", at = 1, total = 1));
        window.see_message(false, "nowhere");
        assert_eq!(window.unnamed(), Vec::<String>::new());
        window.press(Modifiers::NONE, Key::Escape);
        window.see_gone(&field);
        window.settle();
        assert_eq!(window.focused().as_ref(), Some(&message));
        assert_eq!(window.value_of(&message), "draft");
    });
}
