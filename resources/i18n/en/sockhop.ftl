app-name = Sockhop
## Server
server-stopped = Not listening
server-starting = Starting…
server-listening = Listening
server-paused = Accept paused
start-listening = Start listening
stop = Stop
pause-accept = Pause accept
resume-accept = Resume accept
pause-accept-hint = Clients that connect now wait in the accept queue, until it is full
accept-queue = Accept queue
accept-queue-hint = Connections waiting for accept, as reported by the kernel, and the backlog
accept-queue-unknown = This system does not report how many connections wait for accept
copy-this-address = Copy the address { $address }
port-later = The system picks the port when the server starts
click-to-copy = Click to copy
reach-all = All interfaces: for this computer and others on its networks
reach-this-computer = This computer only
reach-one = For others on this network
reach-link-local = For others on the same cable or Wi-Fi; after % they write their own interface
reach-cut = Nobody else can reach this computer now: { $interface } has an address, but no cable or Wi-Fi is connected
reach-ipv6-only = Others can’t reach this address: this computer has only IPv6 addresses. Choose :: instead, then they type { $ip }
reach-gone = Nobody can reach this now: { $ip } is no longer an address of this computer
told-reach-again = Others can use { $address } again
reach-no-network = Only this computer: it is on no network

## Sidebar
conversations = Conversations
nobody-yet = Nobody is connected yet
everyone = Everyone
everyone-avatar = All
clients-connected =
    { $count ->
         [0] Nobody connected
         [one] 1 client connected
        *[other] { $count } clients connected
    }
unread = { $count } unread
you-said = You: { $text }
connect-ask = Connect…
present = Present
sidebar-search = Search
sidebar-menu = More
server-unfold = More about the server
server-fold = Less about the server
server-figures = Port { $port }, backlog { $backlog }
server-figures-any-port = Any free port, backlog { $backlog }
server-change = Change
closed-conversations = Closed
silent-conversations =
    { $count ->
         [one] 1 that said nothing
        *[other] { $count } that said nothing
    }
silent-conversations-hint = They came and went, and nothing was sent or received
settings = Settings
notices = Problem log
shortcuts = Keyboard shortcuts
shortcuts-window = Window
remove-closed = Remove all closed
state-new = Connecting…
state-looking-up = Looking up { $host }…
state-connecting = Connecting to { $address }…
state-open = Connected
state-peer-finished = Peer finished sending
state-we-finished = You finished sending
state-broken = Connection lost
state-closed = Closed
state-failed = Could not connect

## Welcome
welcome-title = Talk to another computer
welcome-wait = Wait for others
welcome-waiting = Waiting for others
welcome-they-type = Others type this address:
welcome-connect = Connect to another computer
welcome-address-hint = The address shown on the other computer
welcome-alone = Only one computer?
welcome-try = Try it on this computer: both ends in one window
connect = Connect
connect-title = Connect to another computer
connect-again = Connect again
address = Address
recent-connect = Connect to { $address } again
recent-forget = Remove { $address } from the list
address-empty = Type an address, for example 192.168.1.20:8888
address-no-host = The part before the colon is missing: an IP address or a name
address-port = The port is a number from 1 to 65535
address-host = This is neither an IP address nor a name: type one like 192.168.1.20:8888
address-not-whole = This is not a whole IPv4 address: it has four numbers, each from 0 to 255
address-not-whole-meant = This is not a whole IPv4 address. Is { $meant } meant?
address-brackets = Write an IPv6 address with a port in brackets: { $meant }
address-no-zone = { $ip } is on every interface: add which, as in { $ip }%{ $interface }
address-no-such-zone = This computer has no interface { $zone }
address-many = { $ip } stands for many computers at once; TCP connects two
address-of-web = This is plain TCP, not the web: only { $address } of the address is used

## Conversation
conversation-menu = More actions for this conversation
accepted-subtitle = From accept(): { $peer } · local { $local }
local-subtitle = local { $local }
outgoing-subtitle = Connected to { $peer } · local { $local }
everyone-subtitle =
    { $count ->
         [0] Nobody is connected
         [one] What you send goes to 1 client
        *[other] What you send goes to { $count } clients
    }
rename = Rename…
rename-title = Name for this peer
rename-hint = Leave empty to show the address
rename-done = Save
name = Name
cancel = Cancel
copy-address = Copy address
auto-reply = Auto-reply
auto-reply-off = Off
auto-reply-echo = Echo
auto-reply-text = Fixed text
replies =
    { $count ->
         [one] 1 reply:
        *[other] { $count } replies:
    }
reply-of = { $who }: { $text }
reply-default = Received
reply-title = Reply automatically
reply-done = Reply with it
auto-reply-this = Text: { $text }
finish-sending = Finish sending
finish-sending-hint = shutdown(SHUT_WR): once the peer has read everything, its recv returns 0 bytes (b''); you can still receive
close = Close connection
close-hint = close(): ends this connection only
reset = Reset connection
reset-hint = Throw the connection away: the peer sees “connection reset” (RST)
remove = Remove from the list
cannot-send-nobody = Nobody is connected: there is nobody to send to
cannot-send-connecting = You can send once the connection is open
cannot-send-finished = You finished sending on this connection
cannot-send-closed = This connection is closed
cannot-send-failed = The connection could not be made
empty-conversation = Nothing has been sent or received yet
empty-everyone = What you send here goes to every connected client

## Transcript
row-accepted = Accepted; client address { $peer }
row-connected = Connected to { $peer }
connected-unspecified = { $ip } is an address to listen on; this system took it for { $peer }, Windows gives an error (10049)
row-peer-finished = The peer finished sending (recv returned 0 bytes)
row-write-finished = You finished sending (shutdown)
row-not-sent = Not sent to its end: of { $of }, the last { $size } never went out
row-never-acknowledged = Sent, but never acknowledged: { $messages } { $messages ->
    [one] message
   *[other] messages
} ({ $bytes } { $bytes ->
    [one] byte
   *[other] bytes
}); the peer may not have received everything
row-urgent = An urgent byte (MSG_OOB) arrived: { $byte }, in its place in the stream, as byte { $position }
row-urgent-last = An urgent byte (MSG_OOB) arrived: { $byte }, in its place in the stream, as byte { $position }; later ones are not announced
row-closed = Closed: { $reason }
day = { $day } { $month ->
     [1] January
     [2] February
     [3] March
     [4] April
     [5] May
     [6] June
     [7] July
     [8] August
     [9] September
     [10] October
     [11] November
    *[12] December
} { $year }
unread-line = Unread
let-go =
    { $count ->
         [one] 1 earlier message is no longer in memory
        *[other] { $count } earlier messages are no longer in memory
    }
new-below = { $count } new
to-the-end = Jump to the latest
bytes =
    { $count ->
         [one] 1 byte
        *[other] { $count } bytes
    }
mark-cut = part of a longer message
mark-no-newline = no newline
mark-unfinished = unfinished
malformed = Some bytes are not { $encoding }
also-text = All these bytes are also { $encoding }: { $text }
cut-character-raises = 1 character is cut off: decode('{ $codec }') of this part alone raises an error
cut-character-may-raise = 1 character is cut off: decode('{ $codec }') of this part alone raises an error or gives other characters
bytes-literal = Looks like the result of str(bytes): send the bytes themselves
looks-tls = Looks like the start of TLS, as a browser sends it for https://. This is plain TCP: the bytes are shown as they are, and nothing here answers in TLS
looks-http = Looks like a request of HTTP, as a browser sends it. This is plain TCP: nothing here answers in HTTP
looks-telnet = Looks like the options of telnet. This is plain TCP: nothing here answers them
looks-ssh = Looks like the start of SSH. This is plain TCP: nothing here answers in SSH
http-unfinished = The HTTP request has not ended: the blank line is missing so far
try-encoding = Try { $encoding }
sent-waiting = waiting
sent-failed = not sent
sent-not-delivered = not delivered
sent = sent
sent-hint = This computer’s system has taken all its bytes
acknowledged = acknowledged
acknowledged-hint = The other computer’s system has acknowledged all its bytes. Whether the program there has read them, TCP cannot know.
not-acknowledged = not acknowledged since { $time }
silent-since = silent since { $time }
silent-since-hint = The other computer’s system answers neither what this end sends nor keepalive probes: it may be off or asleep, or the network cut. If that lasts for { $seconds ->
     [one] 1 second
    *[other] { $seconds } seconds
}, the connection is given up.
silent-since-hint-no-limit = The other computer’s system answers nothing: it may be off or asleep, or the network cut.
not-acknowledged-hint = This computer’s system has taken all its bytes. The other computer’s has not acknowledged them: it may be cut off, or have no more room until its program reads.
sent-to-nobody = nobody was connected
sent-to-all = ✓ { $sent } of { $clients }
sent-to-some = ✓ { $sent } of { $clients }, { $failed } failed
automatic = automatic
you = You
peer = Peer
message-menu = Message menu: { $text }
retry = Send again
copy-text = Copy text
copy-hex = Copy as hex

## Too much for the field
tls-keys-written = The secrets of encrypted links are being written to a file (--tls-keys). Anyone who has it can read what you write to people.
offered-pasted = { $size } of text from the clipboard: too long for the field
offered-file = { $name }, { $size }
offered-send = Send as it is
offered-not-to-people = A person is sent text, at most { $most } of it. A plain connection takes any file, and anyone on the way can read it there.
offered-aside = Put aside
long-under-way = Being sent: { $done } of { $of }
unsent-title = Close while something is still being sent?
unsent-left = { $size } are not sent yet. If the window closes now, they are lost, and the conversation says so.
unsent-close = Close now
unsent-stay = Keep sending
not-all-sent = The connection failed before all was sent: { $size } are left
size-kib = { $size } KiB
size-mib = { $size } MiB

## The clipboard, and files dropped on the window
edit-cut = Cut
edit-copy = Copy
edit-paste = Paste
edit-select-all = Select all
not-pasted-silent = The clipboard does not answer: nothing was pasted
not-pasted-silent-todo = The program that the text was copied in is busy or has stopped. Copy again, or elsewhere
not-pasted-long = What is on the clipboard is too long: at most { $most } are pasted
not-pasted = The clipboard could not be read: { $why }
not-taken = { $path } was not taken
not-taken-nobody = Open the conversation that it is to be sent in, and drop it there
not-taken-folder = It is a folder. Drop a file
not-taken-large = At most { $most } are sent at once
not-taken-several = Drop one file at a time
not-taken-unread = It cannot be read: { $why }
show-as-text = Messages as text
show-as-hex = Messages as hex
show-as-both = Messages as text and hex

## Composer
message = Message
composer-hint = Type a message…
send = Send
characters-bytes =
    { $characters ->
         [one] 1 character
        *[other] { $characters } characters
    }, { $bytes ->
         [one] 1 byte
        *[other] { $bytes } bytes
    }
characters-bytes-framed =
    { $characters ->
         [one] 1 character
        *[other] { $characters } characters
    }, { $bytes } bytes
lines-arrive-apart = { $count } lines: a receiver that reads line by line gets { $count } messages
unmappable = { $encoding } has no “{ $character }”: ? will be sent instead
encoding = Encoding
framing = A message ends
framing-hint = Where a message ends
framing-line = by line
framing-chunk = each recv
framing-length = by length
framing-length-of = length, { $bytes ->
    [one] 1 byte
   *[other] { $bytes } bytes
}
framing-cr = CR
framing-delimiter = at { $bytes }
framing-fixed = each { $bytes ->
    [one] byte
   *[other] { $bytes } bytes
}
framing-quiet = pauses
framing-other = More…
framing-title = Where a message ends
framing-use = Use this
framing-own = own bytes
framing-own-bytes = Bytes at its end
framing-fixed-kind = fixed length
framing-fixed-bytes = Bytes in each message
framing-line-hint = At a line ending, LF or CRLF
framing-cr-hint = At CR (0d)
framing-quiet-hint = When no byte has come for a while
framing-quiet-ms = After this many milliseconds without a byte
framing-tail-ms = An unfinished message is shown after this many milliseconds
framing-preview = The last bytes received would be
framing-preview-none = Nothing received yet
framing-preview-before = { $count } before these
framing-preview-rest = not ended yet
framing-preview-wrong = The bytes cannot be cut so: a prefix says { $bytes } bytes
prefix-width = Bytes in the length
prefix-order = Byte order
prefix-big = big-endian
prefix-little = little-endian
prefix-itself = It counts the whole message, itself too
prefix-itself-short = counts itself
prefix-offset = Bytes of the message before it
prefix-offset-short = after { $bytes ->
    [one] 1 byte
   *[other] { $bytes } bytes
}
prefix-offset-hint = When sending, these bytes are 00
ending-own = own bytes
ending-own-bytes = Bytes added to each message sent
ending-other = Own bytes…
bytes-as-text = text
bytes-wrong = 1 to { $most } bytes: text with escapes such as \r, \x03 and \u4f60, or hex
unfinished = Waiting for { $missing } of { $of } bytes of a message
unfinished-prefix = Waiting for the rest of a length: { $came } of its bytes came
unfinished-fits = Fits: { $framing }
framing-line-long = At a line ending (LF or CRLF), or after { $quiet } ms of silence
framing-chunk-long = With each recv, however much it returns: TCP is a stream of bytes
framing-length-long = 4 bytes with the length n first (struct.pack("!I", n)), then n bytes
line-ending = Line ending sent
ending-is = line ending: { $ending }
ending-none = none
hex = hex
hex-hint = Send exactly the bytes typed; nothing is added
hex-field-hint = e4 bd a0 e5 a5 bd
hex-bad-digit = Character { $place }, “{ $found }”, is not a hex digit
hex-odd = Each byte takes two hex digits; one is missing
answers-left-out = More than { $most } answers of rules would wait: the others were not given
send-more = send more
send-file = Send a file…
saved-messages = Saved messages…
repeat-ask = Repeat…
written = Written as
written-text = text
written-escapes = escapes
written-escapes-hint = Write \r, \n, \x02 and \u4f60; exactly these bytes are sent, nothing is added
escape-unknown = The escape at character { $place }, \{ $found }, means nothing
escape-unfinished = The escape at character { $place } is not whole
escape-no-character = No character has the number at character { $place }
escape-unmappable = The encoding has no “{ $character }”
close-dialog = Close
saved-title = Saved messages
saved-new = New message
saved-export = Export…
saved-import = Import…
saved-none = None yet for this conversation
saved-send = Send “{ $name }”
saved-change = Change “{ $name }”
saved-change-short = Change
saved-key = Key
saved-no-key = none
saved-only-device = Only for { $device }
saved-keep = Save
saved-delete = Delete
repeat-title = Send again and again
repeat-message = Message { $number }
repeat-wait = then wait
repeat-remove = Remove message { $number }
repeat-add = Another message
repeat-rounds = Rounds
repeat-rounds-hint = 0: until it is stopped
repeat-start = Start
repeat-stop = Stop repeating
repeat-so-far = Repeating: { $sent } sent
repeat-so-far-of = Repeating: { $sent } of { $of } sent
auto-reply-rules = by rules
auto-reply-rules-ask = By rules…
rules-title = Reply by rules
rules-add = Another rule
rules-use = Reply by these
rules-sample = Try a message
rules-sample-answer = Rule { $number } answers { $answer }
rules-sample-none = No rule answers this
rule-on = Rule { $number }
rule-when = When rule { $number } applies
rule-equals = the message is
rule-begins = the message begins with
rule-contains = the message contains
rule-matches = the message matches
rule-this = What rule { $number } looks for
rule-answer = Answer of rule { $number }
rule-answer-short = Answer
rule-remove = Remove rule { $number }
rule-wait = After
rule-to = Who gets the answer of rule { $number }
rule-to-sender = To the sender
rule-to-everyone = To all clients
rule-hex-hint = .. is any byte, * any bytes; ( ) puts what is between them into the answer as { $group }
rule-pattern-hint = A regular expression; ( ) puts what is between them into the answer as { $group }
rule-empty = Nothing to look for yet
rule-answer-wrong = The answer: { $why }
rule-pattern-wrong = This is no pattern: { $why }
reconnect = Connect again by itself
reconnect-hint = When the connection has ended and you have not closed it: after 1 second, then after 2, 4, 8, up to every 30
reconnect-at = Connecting again at { $time } (attempt { $attempt })
reconnect-stop = Stop trying
connect-from = From
connect-from-any = any address and port
connect-from-wrong = An address of this computer with or without a port, or a port
device-ask = Remember this device…
device-title = Remember this device
device-hint = When it comes back, it has this name, its encoding, message ends and replies
device-by = Known by
device-by-address = its address { $address }
device-by-first-line = the first it says
device-first-line = Its first message begins with
device-keep = Remember
device-forget = Forget it
conn-options-ask = Keepalive and reconnecting…
conn-options-title = This connection
keepalive = Ask whether the other system is still there
keepalive-within = Given up after no answer for
keepalive-after = First asked after no word for
show-exact-times = Times to the millisecond, and between messages
after-ms = +{ $ms } ms
after-s = +{ $seconds } s
find-pattern = As a pattern (regular expression)
find-no-pattern = not a pattern
traffic = Messages and numbers
traffic-in = Received: { $count ->
    [one] 1 message
   *[other] { $count } messages
}, { $bytes }
traffic-out = Sent: { $count ->
    [one] 1 message
   *[other] { $count } messages
}, { $bytes }
traffic-rate = Before the last message: { $messages } messages and { $bytes } a second
plot-which = Curve of number
plot-none = No numbers in the messages received
plot-name = Number { $number } of each message, over time
plot-hint = In seconds before the last message
not-encrypted = plain text, not encrypted
not-encrypted-hint = Anyone who can see this network’s traffic can read it

## Settings
close-settings = Close settings
section-server = Server
section-messages = Messages
section-messages-hint = For new connections; change an open one below its message field
section-appearance = Appearance
next-start = The change takes effect at the next start of the server
ip-address = IP address
ip-all = All IPv4 addresses (0.0.0.0)
ip-all-both = All IPv4 and IPv6 addresses ([::])
ip-this = This computer only (127.0.0.1)
ip-type = Other address…
ip-typed = Other address
ip-field = IP address to listen on
ip-wrong = Type an IP address, for example 192.168.1.20 or ::1, or this computer’s name
ip-not-here = Not an address of this computer, bind usually fails: choose one from the list above
port = Port
port-any = 0: the system picks any free port
port-well-known = Well-known ports, for services such as http (80); on Linux they usually need administrator rights
port-own = For your own programs: 1024 to 65535
port-of-service = { $name } is port { $port }
port-wrong = A number from 1 to 65535, or 0 for any free port
backlog = Backlog
backlog-hint = Usually 5, at most { $most } in the course; this system allows { $cap }
backlog-hint-no-cap = Usually 5, at most { $most } in the course; this system does not report its limit
backlog-large = More than the { $most } of the course; this system allows { $cap }
backlog-capped = This system lowers it to { $cap }
backlog-wrong = Type a number, at least 1; 5 is usual
reuse-address = Reuse address
reuse-address-hint = SO_REUSEADDR: the port can be taken again at once (on Linux, if its last program set it too)
exclusive-address = Exclusive address
exclusive-address-hint = SO_EXCLUSIVEADDRUSE instead of SO_REUSEADDR: on Windows the latter would let another program take the port
max-clients = Most clients
max-clients-hint = Further ones are closed at once
max-clients-wrong = A number from 1 to { $most }
relay = Relay messages
relay-off = Off
relay-plain = As is
relay-named = With sender
relay-hint = Each client’s messages go to all other clients: a chat room for nc and scripts. A line that lacks its ending gets one.
recv-size = recv buffer size
recv-size-hint = The most bytes that one recv returns; usually a multiple of 1024
recv-size-wrong = A number from 1 to { $most }
line-ending-length = Not used: the length says where a message ends
empty-enter = Enter in an empty field
empty-enter-title = Send { $ending } alone when Enter is pressed in an empty field?
empty-enter-hint = A terminal does so. It can be changed in the settings.
empty-enter-ask = Ask
empty-enter-send = Send
empty-enter-nothing = Do nothing
reply-text = Reply text
when-peer-finishes = When the peer finishes
peer-finishes-close = Close too
peer-finishes-keep = Keep this end open
when-peer-finishes-hint = After recv has returned 0 bytes (b'' in Python)
peer-timeout = Peer timeout
peer-timeout-hint = SO_KEEPALIVE and TCP_USER_TIMEOUT: seconds without any answer until the connection is given up; 0 leaves both to the system
peer-timeout-wrong = 0, or a number from { $least } to { $most }
notify = Notifications
notify-hint = Of new messages while another window is in front: from whom and how many, not what they say. None in presenter view
notification =
    { $count ->
         [one] 1 new message from { $name }
        *[other] { $count } new messages from { $name }
    }
notification-open = Show
language = Language
as-system = System
language-chinese = 中文
language-english = English
theme = Theme
theme-light = Light
theme-dark = Dark
text-size = Text size
text-smaller = Smaller text
text-larger = Larger text

## History
history = History
close-history = Close history
history-find = Find by name, address or text
history-find-hint = Name, address or text
history-empty = Past conversations will be listed here
history-none = No name, address or text matches
history-more = There are more: type a name or an address to find one
history-messages = Messages, newest first
history-more-hits = There are more: type more of the text
history-size =
    { $messages ->
         [one] 1 message
        *[other] { $messages } messages
    }, { $kib } KiB
history-back = Back to the list
history-remove = Delete…
history-remove-sure = Delete for good
history-remove-all = Delete all…
history-remove-all-sure = Delete all for good
removal-all = Delete all messages?
removal-session = Delete this conversation?
removal-old = Delete older messages?
removal-counting = Counting…
removal-nothing = There are none.
removal-counts =
    { $count ->
         [one] 1 message
        *[other] { $count } messages
    } of { $conversations ->
         [one] 1 conversation
        *[other] { $conversations } conversations
    } will be deleted for good.
removal-undo = For { $seconds } seconds this can be undone.
history-task-failed = The history operation failed: { $why }
history-read-only = A past conversation (read only)
history-facts =
    { $day }, { $from } to { $to } · { $messages ->
         [one] 1 message
        *[other] { $messages } messages
    }
no-history-newer = The history was written by a later version of Sockhop (format { $found }; this one reads up to { $known })
history-facts-days =
    { $day }, { $from } – { $last }, { $to } · { $messages ->
         [one] 1 message
        *[other] { $messages } messages
    }
history-indexing = Renewing the search index: { $percent }%. A search still finds everything, only slower
no-history-in-use = Another Sockhop is using the history
no-history-locked = Another program has locked the history
no-history-waits = Messages are kept in memory and written as soon as { $path } is free
no-history-read-only = The history cannot be written: { $why }
no-history-damaged = The history is damaged: { $why }
no-history-not-opened = The history could not be opened: { $why }
no-history-gone = The history was deleted or moved away, and a new one cannot be created yet: { $why }
no-history-todo = You can keep chatting without it; the file is { $path }
history-damaged = The history was damaged: { $why }
history-set-aside = It was moved to { $path }, and a new one was started
history-disk-full = The disk is full, { $path } cannot be written: free some space
history-not-written = { $path } could not be written: { $why }
history-gone = { $path } was deleted, moved away or replaced while it was in use
history-gone-todo = New messages are written to the new file there; earlier ones are not in it
history-stuck = The history cannot be written: the disk does not respond
history-stuck-todo = You can keep chatting; new messages wait in memory while there is room
history-retried = You can keep chatting; writing will be tried again
history-written-again = The history is being written again
history-given-up = The history is being written again; { $count ->
     [one] 1 entry is missing
    *[other] { $count } entries are missing
}
history-not-read = { $path } could not be read: { $why }
keep-history = Keep conversations
history-is-at = Kept, not encrypted, in { $path }
history-off = New conversations are not kept; earlier ones stay
history-salvaged =
    { $kept ->
         [one] The only message of the damaged history was kept
        *[other] All { $kept } messages of the damaged history were kept
    }
history-salvaged-some = { $kept } messages of the damaged history were kept, { $missing } are lost
history-salvaged-from = The damaged file is { $path }
history-refused =
    { $count ->
         [one] 1 entry could not be written to the history
        *[other] { $count } entries could not be written to the history
    }

## Notices
removed =
    { $count ->
         [one] 1 conversation removed
        *[other] { $count } conversations removed
    }
removing =
    { $count ->
         [one] 1 message will be deleted for good in { $seconds } seconds
        *[other] { $count } messages will be deleted for good in { $seconds } seconds
    }
undo = Undo
copied = Copied: { $text }
dismiss = Close
copy-all = Copy all
no-notices = Nothing has gone wrong
ended-by-fault = Sockhop crashed last time, in { $place }
ended-by-fault-todo = Details are in { $path }; please report it
answers-went-round = { $who } seems to answer each automatic reply automatically: auto-reply was stopped
answers-went-round-todo = Two programs that answer each other never stop. Switch auto-reply off at one end
relay-went-round = { $who } answers what it hears, again and again: what it says is relayed no more
relay-went-round-todo = Programs in one room that answer each other never stop. Switch its automatic answers off, then connect it again
term-answers-went-round = { $peer } seems to answer each automatic reply automatically: auto-reply to it was stopped
settings-damaged = The settings file could not be used: { $why }
settings-set-aside = It was moved to { $path }; defaults are used
settings-not-set-aside = Defaults are used; the file could not be moved
setting-ignored = “{ $key }” in the settings file could not be used: { $why }
setting-ignored-todo = Its default is used; all other settings apply
no-folder = There is no folder to keep the settings in
settings-not-saved = Settings could not be saved to { $path }: { $why }
settings-not-saved-todo = They apply until Sockhop is closed
unmappable-sent = { $encoding } has no “{ $character }”: ? was sent instead
frame-log-failed = The frame log { $path } could not be written: { $why }
most-is-old = { $messages } of { $all } messages are older than the limit you set, by this computer’s clock: none was deleted
most-is-old-todo = Check the computer’s date. If it is right, choose “{ $button }” in the settings
closed-let-go = Too many closed conversations: the oldest are removed

## Keys
key-send = Send
key-break = New line
key-recall = Recall earlier messages (in an empty field)
key-scroll = Scroll the messages
key-tab = Next control
key-escape = Close what is open
key-start-stop = Start or stop listening
key-pause = Pause or resume accept
key-next = Next conversation
key-previous = Previous conversation
key-everyone = Everyone
key-composer = Go to the message field
key-hex = Switch between hex and text
key-close = Close the connection
key-undo-remove = Undo removing
key-text-normal = Normal text size
palette = Search or do anything
palette-hint = Search everything, or type an address to connect to
palette-actions = Actions
palette-nothing = Nothing has these words
palette-connect = Connect to { $address }
palette-explain = Explain: { $error }
palette-connects = ↵ { $address } connects
palette-choose = ↑ ↓ Choose
palette-do = Enter Do it
palette-close = Esc Close
find = Find in this conversation
find-count = { $at } of { $total }
find-none = Not found
find-older = Older match
find-newer = Newer match
find-history = Search the history
find-close = Close the search

### Terminal and errors

# What failed: { $what } is one of the sentences below, { $call } the socket call, { $errno } its name and number.
error-line = { $what } – { $call }: { $errno }
error-line-ours = { $what } – { $call }
# A failure on one line, after the name of its conversation.
named = { $name }: { $what }
# An explanation on one line: what failed, and what to do.
term-what-and-todo = { $what }. { $todo }
# A list is put together from its front: "a, b", then "a, b and c".
list-more = { $all }, { $next }
list-last = { $all } and { $last }

error-address-in-use = { $target } is already in use
error-address-in-use-todo = Choose another port, or end the program that uses this one; if it has just ended, wait a minute, or turn on “reuse address” (on Linux, that program must have set it too)
error-address-in-use-todo-windows = Choose another port, or end the program that uses this one; if none does, Windows reserves it, as “netsh int ipv4 show excludedportrange tcp” shows
error-address-in-use-todo-owner = { $name } (process { $pid }) listens on this port: end it, or choose another port
error-address-in-use-todo-self = This Sockhop listens on this port already: stop that server, or choose another port
error-no-port-left = No free port is left on this computer for another connection to that address
error-no-port-left-todo = Close some connections, or wait a minute
error-address-not-here = { $ip } is not an address of this computer
error-address-not-here-todo = Listen on 0.0.0.0 to be reached at any IPv4 address of this computer
error-address-not-here-todo-list = This computer has { $addresses }; 0.0.0.0 stands for all its IPv4 addresses
error-address-not-here-todo-list-ipv6 = This computer has { $addresses }; :: stands for all its IPv6 addresses
error-cannot-connect-to = { $target } is not an address to connect to
error-cannot-connect-to-todo = Check the address; nobody can listen on port 0
error-unspecified-todo = { $ip } is an address to listen on: connect to an address of the server, on this computer to { $loopback }
error-low-port = { $target }: ports below 1024 need administrator rights
error-low-port-todo = Choose a port from 1024 to 65535
error-not-permitted = The system does not allow the use of { $target }
error-not-permitted-todo = A right may be missing, or a firewall or security program blocks it: allow Sockhop there
error-refused = No program listens on { $target }
error-refused-elsewhere = No program listens on { $target }, or a firewall refuses
error-refused-todo = Start the server first; if it is running, check its address and port
error-timed-out = No answer from { $target }
error-timed-out-limit = No answer from { $target } within { $seconds ->
     [one] 1 second
    *[other] { $seconds } seconds
}
error-vanished = { $target } no longer answers: the connection was given up
error-vanished-todo = Its computer may be off or asleep, or the network between cut: check both, then connect again
error-timed-out-todo = The address may be wrong, the computer off, a firewall may drop the packets, or the server’s accept queue is full: check the address, then try ping
error-timed-out-todo-here = This address is one of this computer: the accept queue of the server there may be full. See whether it calls accept
error-unreachable = No route to { $target }
error-unreachable-todo = Check the address, and that this computer is connected to a network
error-unreachable-todo-list = Check that this computer is on the same network; its addresses are { $addresses }
error-nobody-there = No computer answers at { $ip }
error-nobody-there-todo = The address is in this computer’s own network ({ $interface }): the computer there is off, or has another address
error-cut = { $interface } is not connected
error-cut-todo = Plug in the cable, or join the Wi-Fi
error-not-let-through = The system sends nothing to { $ip }
error-not-let-through-todo = A route of this computer may discard it (a blackhole): look at its routes
error-no-ipv6 = This computer has no IPv6: { $ip } can’t be used
error-no-ipv6-todo = Connect to an IPv4 address
error-no-ipv6-todo-listen = Listen on 0.0.0.0, or on an IPv4 address
error-no-zone = { $ip } is on every interface
error-no-zone-todo = Add which interface, as in { $address }
error-many-todo = Use the address of one computer
error-itself = No program listens on { $target }: the socket was connected to itself, and is closed
error-no-name-server = No name server has answered about { $name }
error-no-name-server-todo = The other computer was not asked yet. Check this computer’s network, or type the IP address
error-name-not-found = No address was found for the name { $name }
error-name-not-found-todo = Check the spelling and the network, or type the IP address instead
error-reset = { $target } reset the connection
error-reset-todo = For example the program there ended abruptly, closed without reading everything, or had closed before: see whether it still runs, then connect again, or wait until it does
error-gave-up = A client gave up before it was accepted
error-too-many-files = Too many open files and sockets
error-too-many-files-todo = Close some connections, or raise the limit (Linux and macOS: ulimit -n)
error-not-reading = { $mib } MiB are already waiting to be sent to { $target }
error-not-reading-todo = Wait; if nothing moves, the program there does not read or the network is down: close the connection
error-busy = Sockhop is busy: too many actions are waiting
error-busy-todo = Try again in a moment
error-ended-before-sent = The connection ended before everything was sent: the rest is lost
error-connect-again-todo = Connect again
error-write-finished = You have finished sending on this connection
error-write-finished-todo = Connect again to send more
error-no-such-socket = This connection no longer exists
error-out-of-order = { $call } cannot be called now
error-out-of-order-todo = The order is socket, bind, listen, accept; over UDP socket, bind, recvfrom and sendto
error-out-of-order-todo-client = The order is socket, connect, send and recv, close
error-no-socket-yet = There is no socket yet to call { $call } on
error-no-socket-yet-todo = Call socket first
error-prefix-too-long = A length prefix says { $bytes } bytes; the most is { $mib } MiB
error-prefix-is-text = The first 4 bytes are the text “{ $text }”: the other end seems to send no length
error-prefix-too-short = A length prefix that counts itself says { $bytes } bytes, fewer than it has
error-prefix-too-long-todo = The other end may not send length prefixes: set “A message ends” to by line or each recv
error-too-many-clients = The connection from { $target } was closed: the limit of clients ({ $most }) is reached
error-too-many-clients-todo = Allow more clients, or close some
error-not-admitted = The connection from { $target } was closed: its address may not connect here
error-not-admitted-todo = --allow and --deny say whose may
error-cancelled = Connecting to { $target } was cancelled
error-other = { $target }: { $words }
# What a program gets from the same error: Python's exception, then each system's number and words.
exception = Python: { $class }, { $told }
exception-unix = Linux and macOS [Errno { $linux }]
exception-unixes = Linux [Errno { $linux }], macOS [Errno { $macos }]

close-by-us = Closed by this end
close-orderly = Both ends finished sending
close-reset-by-us = Reset by this end
close-quit = Sockhop was closed

term-no-folder = The data folder can’t be used, default settings apply: { $error }
term-damaged = The settings file can’t be used, default settings apply: { $why }
term-damaged-aside = The settings file can’t be used, default settings apply: { $why }; the file was moved to { $path }
term-setting-ignored = “{ $key }” in the settings file can’t be used, its default applies: { $why }
term-window-is-open = A window with this data folder is open already; it has come to the front
term-bad-scale = { $source } is { $value }, which is no scale to draw at; 1 is used
term-no-display = There is no display to open a window on. In the terminal: “sockhop listen” or “sockhop connect HOST:PORT”
term-no-connection = No window can be opened: no connection to the display could be made ({ $named }). In the terminal: “sockhop listen” or “sockhop connect HOST:PORT”
term-no-window = No window can be opened: { $why }. In the terminal: “sockhop listen” or “sockhop connect HOST:PORT”
term-no-opengl = No window can be opened: no OpenGL that works was found ({ $why }). It usually comes with Mesa: libgl1-mesa-dri on Debian and Ubuntu, mesa-dri-drivers on Fedora, mesa on Arch. In the terminal: “sockhop listen” or “sockhop connect HOST:PORT”
term-reach-all = This is on every interface: anyone who can reach an address of this computer can connect. For this computer alone: sockhop listen 127.0.0.1
term-reach-both = This is on every interface, IPv4 and IPv6: anyone who can reach an address of this computer can connect. For this computer alone: sockhop listen 127.0.0.1
term-waiting-of = waiting for { $came } of { $of } bytes of a message: if no more comes, the length before it is read in another way there
term-waiting = waiting for the rest of the length before a message: { $came } bytes of it came
term-input-ended = Input has ended: finished sending to { $peer }. Without input of its own: --receive-only
term-idle = { $seconds } s without a byte from or to { $peer }: closing
term-reconnecting = Connecting again in { $seconds } s; Ctrl+C ends
term-turned-away = { $clients } more { $clients ->
    [one] client was
   *[other] clients were
} turned away
term-hex = { $hex } ({ $bytes } { $bytes ->
    [one] byte
   *[other] bytes
} in hex)
term-no-character = { $encoding } has no “{ $character }”: nothing more is sent
term-no-text = A line is text neither in UTF-8 nor in { $encoding }: it is not sent. To pass bytes on as they are: --raw
term-listening = Listening on { $local }, backlog { $backlog }
term-usual-port = No port was given: using { $port }
term-hand-out = Others can connect to { $address }
term-how-to = Type a line and press Enter to send it; Ctrl+C ends
term-nobody = Nobody is connected: your lines are sent once a client connects
term-accepted = { $peer } connected
term-looking-up = Looking up { $host }
term-connecting = Connecting to { $address }
term-connected = Connected to { $peer }, from { $local }
term-peer-finished = { $peer } finished sending
term-closed = Connection to { $peer } closed: { $why }; { $moved }
term-stopped = Stopped; { $clients } { $clients ->
    [one] client
   *[other] clients
}; { $moved }
term-closed-unsent = ; { $lines ->
        [one] 1 line was not sent to it
       *[other] { $lines } lines were not sent to it
    }
term-unsent =
    { $lines ->
         [one] 1 line of input was not sent
        *[other] { $lines } lines of input were not sent
    }: the other end finished first; --half-open still sends them
term-unsent-more = At least { $lines ->
     [one] 1 line of input was not sent
    *[other] { $lines } lines of input were not sent
}: the other end finished first; --half-open still sends them
term-ended = Ended; { $moved }
term-moved = { $messages_in } { $messages_in ->
     [one] message
    *[other] messages
} ({ $bytes_in } { $bytes_in ->
     [one] byte
    *[other] bytes
}) received, { $messages_out } ({ $bytes_out } { $bytes_out ->
     [one] byte
    *[other] bytes
}) sent
term-unmappable = { $encoding } has no “{ $character }”: ? was sent instead
term-interface-lan = local network
term-interface-public = public
term-interface-virtual = virtual machine, container or tunnel
term-interface-link-local = same cable or Wi-Fi only
term-interface-loopback = this computer only
term-history-missing = There is no history in { $path }
term-history-older = The history in { $path } was written by an earlier version of Sockhop; open the window once to convert it
term-history-in-use = Another program keeps the history locked; try again when it has ended
term-history-unknown = There is no conversation { $id }; “sockhop history list” lists them
term-history-none = No message contains this text
term-history-raw = The bytes received are not written to a terminal: add --output FILE
term-history-row = { $messages } { $messages ->
     [one] message
    *[other] messages
}, { $bytes } { $bytes ->
     [one] byte
    *[other] bytes
}

## The inspector

inspector = Inspector
inspector-fold = Hide the inspector
inspector-widen = Widen the inspector
inspector-narrow = Narrow the inspector
tab-calls = Calls
tab-bytes = Bytes
tab-connection = Connection
tab-code = Code
show-bytes = Show its bytes
show-calls = Show its calls

## Simulated students

students = Simulated students
students-hint = Simulated students: clients in this window that connect, say something and answer
students-not-kept = Nothing of them is kept in the history
students-add = Add { $count }
students-remove = Remove simulated students
students-count = Simulated students ({ $count })
student-name = Student { $number }
student-row = { $title }, client end, { $state }
student-greets = Hello, I am student { $number }
student-answers = Student { $number } got it: { $text }
## Calls

calls-filter = Sockets shown
calls-follow = Follow
calls-follow-hint = Keep the newest call in view
calls-save = Save the sequence diagram
calls-save-svg = Save as SVG…
calls-save-text = Save as text…
calls-none = No calls yet: open a socket, as a server or as a client
calls-older-gone = Earlier calls are no longer kept
calls-waited = waited { $time }
duration-minutes = { $minutes } min { $seconds } s
calls-waiting = waiting…
calls-waited-in-all = waited { $time } in all
calls-others-wait =
    { $count ->
        [one] 1 socket waits in { $call }…
       *[other] { $count } sockets wait in { $call }…
    }
calls-reused = Socket number { $nth } with this descriptor: the system gives the { $fd } of a closed socket to the next one.
calls-others =
    { $count ->
        [one] 1 other socket
       *[other] { $count } other sockets
    }
lanes-usual = Lanes: listener, chosen, newest
lanes-only = Only { $socket }
lanes-add = Lane for { $socket }
lane-listening = listening
lane-not-listening = not listening yet
lane-chosen = chosen
lane-other-end = other end
lane-newest = newest
lane-open = open
lane-closing = the peer finished sending
lane-closed = closed
lane-reset = reset
lane-failed = failed
lane-queue = queue { $waiting }/{ $backlog }
lane-new = { $fd } is new
lane-new-whole = { $fd } is new: one client’s own socket
run-new = { $count } new sockets
run-sockets = { $count } sockets
run-each = { $times } { $call } each
run-calls =
    { $count ->
        [one] 1 call
       *[other] { $count } calls
    }
tally-recv =
    { $count ->
        [one] 1 waits in recv
       *[other] { $count } wait in recv
    }
tally-connect =
    { $count ->
        [one] 1 waits in connect
       *[other] { $count } wait in connect
    }
tally-other-call =
    { $count ->
        [one] 1 waits in another call
       *[other] { $count } wait in other calls
    }
tally-idle = { $count } idle
tally-closing = { $count } closing
tally-reset = { $count } reset
tally-failed = { $count } failed
tally-closed = { $count } closed
calls-listener = Listening socket fd { $fd }
calls-other-end = other end fd { $fd }
calls-peer-finished = the peer finished sending
calls-show-message = Show the message
calls-close-card = Close the explanation

meaning-socket = Makes a socket: an endpoint for communication, known by its number (fd, the file descriptor). It has no address yet and is connected to nobody. AF_INET is IPv4, AF_INET6 is IPv6, SOCK_STREAM is TCP.
meaning-reuse-address = Lets the port be taken again at once after the program ends; on Linux, the program before must have set it too. Without it, bind may fail with “address already in use” while an old connection is in TIME-WAIT (60 s on Linux).
meaning-exclusive-address = Keeps the port for this socket alone while it is open. On Windows a port can be taken again at once anyway, and SO_REUSEADDR would let another program take it while this one listens; so a server sets this option instead.
meaning-no-delay = Sends small messages at once. Without it (Nagle’s algorithm) the system holds small pieces back while earlier bytes are not acknowledged, to fill a segment.
meaning-ipv6-only = Sets whether an IPv6 socket accepts IPv6 only, or IPv4 as well.
meaning-linger = With 0 seconds, close discards the connection: unsent bytes are dropped, and the peer gets a reset (RST) instead of an orderly end.
meaning-so-error = Asks for the socket’s pending error. While a connect is in progress: no error means that the three-way handshake is done; otherwise it is the error that connect would have given.
meaning-bind = Ties the socket to an address and a port. Without a known port no client finds the server; ports below 1024 are reserved for well-known services.
meaning-listen = The socket begins to listen: from now on clients can connect, and the system does the handshake itself. The backlog is how many connections, with their handshake done, may wait for accept; the system may lower it, and Linux holds one more. This socket never carries messages.
meaning-accept = Takes one connection with its handshake done out of the accept queue, and waits while there is none. It returns a new socket for this client and the client’s address; the listening socket keeps listening.
meaning-connect = Connects to the server: the system does the three-way handshake. A client needs no bind: the system picks a free port. EINPROGRESS means that the handshake is still in progress and the window does not wait for it.
meaning-getsockname = Asks for this end’s own address and port, such as the port that the system picked.
meaning-recv = Takes bytes that have arrived, at most as many as asked for, and waits while there are none. TCP is a stream: one recv may return part of a message or several. 0 bytes (b'' in Python) mean that the peer has finished sending and everything before has been read.
meaning-send = Hands bytes to the system, which sends them in order. It returns how many it took, which may be fewer than given (Python’s sendall repeats until all are taken); that does not mean that the other program has read them.
meaning-shutdown = Finishes sending (FIN): once the peer has read everything, its recv returns 0 bytes (b'' in Python). This end can still receive; this is called half-close.
meaning-close = Gives the socket back to the system: communication with this peer is over. What is still to be sent is sent, then FIN; if received bytes were not read, on Linux and Windows the peer gets a reset (RST) instead. Other connections and the listening socket are not affected.
meaning-close-listener = Closes the listening socket: no new clients from now on, and those still in the accept queue are reset. Clients already accepted have sockets of their own and stay connected.
## The projected window

presenter = Presenter view
presenter-leave = Leave presenter view
presenter-connect-to = Connect to
udp-presenter-send-to = Send datagrams to
presenter-clients = { $count ->
    [one] client
   *[other] clients
}
presenter-text-size = Presenter text size
presenter-smaller = Smaller presenter text
presenter-larger = Larger presenter text
full-screen = Full screen
tab-conversation = Conversation

## The inspector: connection

ends-none = Open a conversation to see the two ends of its connection
end-ours = This end
end-peer = Other end
end-is = { $end }: { $state }, { $source }
state-not-known = not known
source-kernel = from the kernel
source-inferred = inferred
packets-inferred = The segments are inferred from calls and states. A filled state was read from the kernel, an outlined one is inferred.
figure-handshake = Three-way handshake
figure-close = Four-way close
opened-by-us = connect() here sent the first SYN
opened-by-peer = connect() at the other end sent the first SYN; accept() returned this end’s socket
closed-first-ours = This end finished sending first, at { $time }
closed-first-peer = The other end finished sending first: recv() returned 0 bytes at { $time }
closed-first-both = Both ends closed at the same time, at { $time }
reset-from-ours = This end reset the connection
reset-from-peer = The other end reset the connection (RST)
refused-by-peer = The other end refused the SYN, usually with a reset (RST)
time-wait-ours = This end closed first, so it stays in TIME-WAIT: its kernel keeps this pair of addresses in use ({ $seconds } s on Linux)
time-wait-peer = The other end closed first, so it stays in TIME-WAIT: its kernel keeps this pair of addresses in use ({ $seconds } s on Linux)
socket-table = Sockets of this program
socket-table-asking = Asking the kernel…
socket-table-none = This system does not offer its socket table: { $why }
socket-table-empty = No TCP socket is open
accept-returns-new = accept() returns a new socket for each client. It has the same local port as the listening socket; the address of the other end tells them apart.
sockets-left-out =
    { $count ->
         [one] 1 more socket is not shown
        *[other] { $count } more sockets are not shown
    }; at most { $most } are
port-group = Local port { $port }: { $listening } listening, { $others } more with the same port
port-rest = Sockets with other local ports
remote-anyone = anyone
not-told = not reported
unread-bytes = unread { $count }
unacknowledged-bytes = unacknowledged { $count }
queue-figure = accept queue { $figure }
queue-not-told = accept queue { $figure }, not reported by this system
queues-count-fin = Unread: bytes in the receive queue. Unacknowledged: bytes in the send queue. SYN and FIN take one sequence number each and are counted as a byte.
socket-listening = listening
socket-accepted = accepted
socket-connected = connected
socket-connecting = connecting
socket-waiting = waiting for accept
socket-kernel = held by the kernel
socket-other-end = other end, also in this program
socket-unknown = other
## The bytes of a message
bytes-none = Nothing sent or received here yet; choose a message to see its bytes
bytes-sent = Sent at { $time }, to { $who }
bytes-received = Received at { $time }, from { $who }
bytes-latest = the latest message
bytes-follow = Show the latest message
bytes-go-to = Show in the conversation
bytes-characters = Characters and their bytes ({ $encoding })
bytes-length = length
bytes-length-part = part of a length
bytes-malformed = not decodable
bytes-unfinished = cut off
bytes-carried = began before
bytes-ending = line ending
bytes-more = Show { $count } more characters
bytes-dump = All bytes in hex
bytes-copy-selected = Copy { $count ->
    [one] the selected byte
   *[other] { $count } selected bytes
}
bytes-unselect = Clear the selection
bytes-recvs = Where each recv ended
bytes-sends = Where each send ended
bytes-here = { $count } of them from this message (offset { $from } to { $to })
bytes-recv-one = One recv returned this message and nothing else
bytes-recv-together = One recv returned this message together with others: TCP is a stream, without message boundaries
bytes-recv-split = It took several recvs to receive this message: TCP is a stream, without message boundaries
bytes-send-one = One send took this message and nothing else
bytes-send-together = One send took this message together with others
bytes-send-split = The system took this message in several sends
bytes-moves-everyone = Each client got a copy of its own: choose the message in that client’s conversation
bytes-moves-past = The calls of past conversations are not kept
bytes-moves-not-sent = The system has not taken all of it yet
bytes-moves-let-go = The calls that moved it are no longer in memory
bytes-moves-more = Only the first { $count } calls are listed
bytes-read-as = The same bytes in other encodings
bytes-read-beginning = Only the first { $count } bytes were checked
bytes-read-well = no error
bytes-read-badly =
    { $count ->
         [one] 1 error, at offset { $places }
        *[other] { $count } errors, at offsets { $places }
    }
layers = Layer by layer
layers-none = Choose a message of one connection to see the addresses of both ends
layers-down = Sent: from the program down to the link, each layer adds its header
layers-up = Received: from the link up to the program, each layer takes its header off
layers-inferred = Inferred, not captured: the header sizes (without options), and that one segment carries the whole message. Over Ethernet a segment carries at most { $most } bytes, 12 fewer with TCP timestamps.
layers-header = header of { $count } bytes
layers-source = from { $value }
layers-destination = to { $value }
layers-message = Message
layers-frame = Frame, through { $name }
layers-frame-note = Ethernet or Wi-Fi, with the hardware addresses of this computer and the next device
layers-virtual = A virtual interface: a tunnel, container or virtual machine
layers-frame-unknown = Frame
layers-frame-gone = No interface has this end’s address now
layers-loopback = Loopback { $name }
layers-no-frame = Both ends are on this computer: nothing goes out on a network
layers-no-cable = none: it stays in memory
layers-cable = cable or radio
layers-unknown = unknown
layers-encoding = { $name } text
layers-framing = up to the program: message boundary { $name }
layers-osi = OSI
layers-four = TCP/IP
layers-here = This connection
layers-four-application = Application
layers-four-transport = Transport
layers-four-internet = Internet
layers-four-link = Link
osi-7 = 7 Application
osi-6 = 6 Presentation
osi-5 = 5 Session
osi-4 = 4 Transport
osi-3 = 3 Network
osi-2 = 2 Data link
osi-1 = 1 Physical
## Labs

labs = Labs
labs-open = Open the labs
labs-hint = Short experiments on real sockets, on this computer alone
labs-not-kept = Nothing of a lab is kept in the history
lab-done-before = { $title } (done)
welcome-labs = Or learn by experiment:
lab-step = Step { $number } of { $total }
lab-done = Done
lab-next = Next
lab-skip = Skip
lab-back = Back
lab-finish = Finish
lab-restart = Restart the lab
lab-leave = Leave the lab
lab-next-lab = Next lab: { $title }
lab-restart-ask = Restart from the first step? What this lab has opened is closed.
lab-restart-yes = Restart
lab-leave-ask = Leave before the last step? What this lab has opened is closed.
lab-leave-yes = Leave
lab-look = Show { $tab }
lab-impossible = This step needs a connection or a server that is gone: go back, or restart the lab
lab-stops-server = { $count ->
    [one] One client is connected to your server. The lab needs the server to stop; it starts again afterwards, and the client stays connected.
   *[other] { $count } clients are connected to your server. The lab needs the server to stop; it starts again afterwards, and the clients stay connected.
}
lab-stop-and-begin = Stop the server and begin
lab-damaged =
    { $line ->
        [0] The lab { $file } can’t be used: { $why }
       *[other] The lab { $file } can’t be used: line { $line }: { $why }
    }
lab-damaged-todo = The other labs are not affected
## Files

export = Export…
export-not-kept = Not kept in the history: nothing to export
export-off = The history is off: new conversations are not kept, so there is nothing to export
export-opening = The history is still opening: try again in a moment
history-menu = More actions for the history
history-export-found = Export what was found…
history-export-found-first = Search for messages first
history-export-all = Export everything…
history-import = Import…
history-all = All…
day-short = { $day } { $month ->
     [1] Jan
     [2] Feb
     [3] Mar
     [4] Apr
     [5] May
     [6] Jun
     [7] Jul
     [8] Aug
     [9] Sep
     [10] Oct
     [11] Nov
    *[12] Dec
}
past-row = Past: { $title }, { $day }
record = Record received bytes to a file…
record-stop = Stop recording
recording =
    { $count ->
         [one] Recording to { $name }, 1 byte
        *[other] Recording to { $name }, { $count } bytes
    }
file-name = File
file-hint = Folder and name
file-save = Save
file-open = Open
file-record = Record
file-replace = Replace it
file-format = Format
file-text = Text
file-raw = Raw bytes
file-export-conversation = Export this conversation
file-export-found = Export messages with “{ $text }”
file-export-all = Export the whole history
file-import = Import conversations
file-record-title = Record received bytes
file-save-title = Save { $name }
file-text-hint = For reading: one line for each message, UTF-8
file-csv-hint = A table for a spreadsheet, times in UTC
file-jsonl-hint = Complete; can be imported again
file-raw-hint = The bytes received, as they came, and nothing else
file-import-saved = Import saved messages
file-import-saved-hint = A file that saved messages were exported to
file-send = Send a file
file-send-hint = Short text goes into the field; anything else is sent as it is
file-import-hint = A file that was exported as JSON Lines
file-record-hint = The bytes received from now on, as they come, until the connection ends
file-save-hint = Text, UTF-8
file-empty = Type a name for the file
file-no-folder = There is no folder { $folder }
file-is-folder = This is a folder: type the name of a file in it
file-no-file = There is no such file
file-exists = { $name } already exists, and its content would be lost
file-endings = { $title } (.txt, .csv, .jsonl or .bin)
file-all = All files
file-no-dialog = This system has no file dialog, so type the folder and the name
file-dialog-not-shown = The system’s file dialog did not open, so type the folder and the name
file-dialog-busy = The system’s file dialog is open for another file, so type the folder and the name
file-not-written = { $path } could not be written: { $why }
file-not-written-todo = Choose another folder, or make room on the disk
import-failed = { $path } could not be imported: { $why }
import-bad-line = Line { $line } of { $path } could not be imported: { $why }
import-bad-line-todo = Nothing was imported from this file; it must be one that was exported as JSON Lines
nothing-kept = This conversation is not in the history
nothing-kept-todo = It took place while the history was off
history-closed = The history is not open: nothing was done
not-recorded = { $path } could not be written: { $why }
not-recorded-todo = Recording has stopped; what was written before is still in the file
recording-waits = { $name } cannot be written at present: this connection is not read until it can
recording-cut-short =
    { $count ->
         [one] { $path } could not be written: the last byte received is not in it
        *[other] { $path } could not be written: the last { $count } bytes received are not in it
    }
too-many-recordings = No more than { $most } connections are recorded at once
too-many-recordings-todo = Stop another recording first
task-export = Exporting to { $name }
task-import = Importing { $name }
task-remove = Deleting messages
task-remove-old = Deleting old messages
task-messages =
    { $done ->
         [one] 1 message
        *[other] { $done } messages
    }
task-messages-of = { $done } of { $of } messages
task-kib-of = { $done } of { $of } KiB
told-exported =
    { $count ->
         [one] 1 message exported to { $path }
        *[other] { $count } messages exported to { $path }
    }
told-imported = Imported { $count ->
     [one] 1 message
    *[other] { $count } messages
} in { $sessions ->
     [one] 1 conversation
    *[other] { $sessions } conversations
}
told-known = {" "}({ $known ->
     [one] 1 conversation was
    *[other] { $known } conversations were
} in the history already)
told-removed =
    { $count ->
         [one] 1 message deleted for good
        *[other] { $count } messages deleted for good
    }
told-removed-old =
    { $count ->
         [one] 1 old message deleted for good
        *[other] { $count } old messages deleted for good
    }
told-traces = {" "}(their traces in the file are removed once there is less to write)
told-cancelled = Cancelled
told-saved = Saved to { $path }
told-recorded =
    { $count ->
         [one] 1 byte recorded to { $path }
        *[other] { $count } bytes recorded to { $path }
    }
remove-after = Delete messages after
remove-after-never = Never
remove-after-day = 1 day
remove-after-week = 1 week
remove-after-month = 1 month
remove-after-year = 1 year
remove-after-never-hint = Messages stay until you delete them
remove-after-hint = Older messages are deleted for good at each start of Sockhop, and once a day while it runs
remove-old-now = Delete older ones now…
remove-old-sure = Delete older ones for good
save-all = Save…

## Step by step
step-by-step = Step by step
step-by-step-hint = Each call is made only when you press Next; the system still does its part by itself, such as the handshake
step-next = Next: { $call }
step-waits = Waiting in { $call }
step-others = Other calls
step-keys = { $key } or Space
key-space = Space
key-next-step = Next call, step by step
step-listening-socket = Listening socket
step-udp-socket = UDP socket
step-try = Try { $call }
step-try-conn = Try { $call } on the connection
step-go-on = Continue without steps
state-not-connected = Not connected yet
step-needs-ip = Step by step needs an IP address: names are not looked up
step-does-socket = Makes a socket; nobody can reach it yet
step-does-reuse = Sets SO_REUSEADDR: the port can be taken again right after the program ends (on Linux, if its last program set it too)
step-does-exclusive = Sets SO_EXCLUSIVEADDRUSE: while the server has the port, no other program can take it
step-does-bind = Ties the socket to { $address }, so that clients can find it
step-does-listen = Starts listening with backlog { $backlog }: from now on clients can connect and wait in the accept queue
step-does-accept = Takes the first client from the accept queue and returns a new socket for it
step-does-accept-waiting =
    { $count ->
         [one] 1 client is in the accept queue: takes it and returns a new socket for it
        *[other] { $count } clients are in the accept queue: takes the first and returns a new socket for it
    }
step-does-accept-nobody = The accept queue is empty: it will wait for a client
step-waits-accept = It returns when a client connects
step-does-close-listener = Closes the listening socket; accepted clients stay connected
step-does-socket-client = Makes a socket; it is not connected to anything yet
step-does-connect = Starts the three-way handshake with { $address } and waits for the answer
step-waits-connect = It returns when the other end answers
step-does-recv = Takes up to { $bytes } bytes that have arrived; waits if there are none
step-waits-recv = It returns when bytes arrive or the peer finishes sending
step-does-send = Hands the waiting message to the kernel
step-waits-send = It returns when the kernel has room again
step-does-close = Ends this connection: the peer’s recv returns 0 bytes (b'' in Python), or on Linux and Windows a reset if bytes received here were not read
step-does-udp-socket = Makes a UDP socket; it has no port yet
step-does-udp-reuse = Sets SO_REUSEADDR: several programs of this computer can hear the group
step-does-udp-bind = Ties the socket to { $address }: what is sent there is kept for it from now on
step-does-udp-bind-any = Gives the socket a free port; without bind, the first sendto does
step-does-join = Joins the group { $group }: what is sent to it is received too
step-does-recvfrom = Takes one datagram and returns it with its sender’s address; waits if there is none
step-waits-recvfrom = It returns when a datagram comes
step-does-sendto = Hands the waiting datagram to the system
step-does-sendto-empty = Nothing is written: sends an empty datagram
step-does-close-udp = Closes the socket: nothing is sent, so the other end does not notice
## This computer's network
network = This computer’s network
network-close = Close the network
network-this = This computer
network-this-hint = An IP address finds the computer. An interface may have several.
network-none = No address that others could use: this computer is not on a network
network-others-use = Give others this address
network-lan = Local network: for computers on it
network-public = Public address: reachable from anywhere, unless a firewall blocks it
network-virtual = Virtual: for containers, virtual machines or a tunnel
network-link-local = Link-local, assigned automatically: reachable on the same cable or Wi-Fi only
network-loopback = Loopback: this computer talks to itself; no other can connect
network-ping = Ping
network-ping-hint = Asks another computer to answer once a second: is it there, and how long is the round trip?
network-ping-what = Address or name to ping
network-ping-start = Start
network-ping-stop = Stop
network-pinging = Pinging { $to }
network-pinged = Pinged { $to }
network-ping-waits = Waiting for the first answer…
network-ping-silence = No answer does not prove that nobody is there: many computers and firewalls do not answer ping
network-answered = { $count } answered
network-lost = { $count } lost ({ $percent }%)
network-least = shortest { $ms } ms
network-mean = mean { $ms } ms
network-most = longest { $ms } ms
network-plot = Round-trip time of each ping, { $seconds ->
     [one] one a second
    *[other] one every { $seconds } seconds
}; ✗ means no answer
network-ping-missing = There is no ping program on this computer
network-ping-other = Sockhop cannot read the output of this computer’s ping program
network-ping-install = Install iputils-ping (Debian, Ubuntu: sudo apt install iputils-ping; Fedora: sudo dnf install iputils)
network-ping-failed = Ping stopped: { $words }
network-empty = Type an address or a name, for example 192.168.1.20
network-dash = An address or name cannot begin with “-”
network-character = An address or name cannot contain “{ $character }”
network-too-long = Too long: a name has at most { $most } characters
network-try = Test a port
network-try-hint = A port finds the program. This connects to it and closes the connection at once.
network-try-host = Address or name to test
network-try-port = Port to test
network-try-button = Test
network-trying = Testing { $to }…
network-open = { $at } is open ({ $ms } ms)
network-open-means = A program listens there: the connection was made, and closed again. A client can connect.
network-refused = { $at } refused ({ $ms } ms)
network-refused-means = The computer is there and answered, but no program listens on this port, or a firewall refuses. Start the server first, and check its port.
network-no-answer = No answer from { $at } in { $seconds } seconds
network-no-answer-means = Nothing came back: the address may be wrong, the computer off, a firewall may drop the packets silently, or the server’s accept queue may be full.
network-unreachable-means = This computer has no route to that address. Check the address, and that both computers are on the same network.
network-name-means = The name could not be turned into an address. Check the spelling and the network, or type the IP address.
network-failed = { $at } could not be tested
network-failed-means = The system refused the test: a firewall or security program may be in the way.
network-ports = Ports this computer listens on
network-ports-hint = 0 to 1023 are well known, for services such as http (80), https (443) and ssh (22); 1024 to 65535 are for your own programs, and the system gives clients theirs from these too (on Linux from 32768)
network-filter = Filter by port, address or program
network-filter-none = No listening port matches
network-refresh = Refresh
network-ports-wait = Looking…
network-ports-failed = The list could not be read: { $words }
network-ports-none = No program listens on a TCP port
network-service = Service
network-program = Program
network-all-interfaces = all interfaces
network-only-here = this computer only
network-ours = { $name } (this window)
network-not-told = unknown
network-not-told-hint = Unknown: a program of another user or in a container; an administrator sees more
## Reading back
transcript = Messages of this conversation
transcript-bar = Scroll bar
part-before = Previous part
part-next = Next part
part-of = Part { $part } of { $parts }

## Programs for the other end
code-language = Language
code-client = A client for { $address }
code-server = A server at { $address }
code-not-listening = The server is not listening yet: start it first
code-no-host = “{ $host }” is not a host name: no program is generated for it
code-no-port = The system picks the port: once the server has started, a client for it appears here
code-port-ours = Sockhop itself listens on this port: stop its server before you run this program on this computer
code-copy = Copy the program
code-save = Save the program…
code-run = To run it: { $command }
code-run-nc = For a terminal on Linux (netcat-openbsd) or macOS; on Windows use ncat, from Nmap
code-listening = Listening on
code-as-bytes = “{ $text }” in { $encoding }, which Rust’s standard library does not support: what is received is printed as bytes too
code-typed-lines = Type a line and press Enter to send it; Ctrl+C ends
code-typed-after = Sends “{ $text }”, then whatever is typed, unchanged; Ctrl+C ends
code-shown-late = iconv shows what was received only after the connection ends
## The command line
# cli-NAME is what a command does, cli-arg-NAME what an argument is for.
cli-sockhop = Two machines chat over a bare TCP socket, and a class can watch what the socket does
cli-listen = Wait for clients, in the terminal; each line typed goes to all of them
cli-connect = Connect to a server, in the terminal; each line typed goes to it
cli-interfaces = List this computer’s addresses
cli-history = List, search or export kept conversations, also while a window is open
cli-list = List conversations, the one opened last first
cli-search = Find messages with this text, the newest first; exit status 1 if there is none
cli-export = Write messages to a file or to standard output
cli-help = Print this message or the help of the given subcommand(s)
cli-arg-listen = Listen as soon as the window is open
cli-arg-connect = Connect as soon as the window is open
cli-arg-data-dir = Keep settings, history and log in this folder
cli-arg-lang = Language of the window and of the terminal
cli-arg-frame-log = Write one CSV row for each frame of the window to this file
cli-arg-address = Address and port to listen on, or only a port; port 0 takes any free one. Without an address it is every interface, of IPv4 and IPv6, and without a port 8888
cli-arg-port = The port, where it is not written with the address
cli-arg-backlog = Connections that the system may hold before they are accepted; 5 by default
cli-arg-max-clients = Clients at once; 1024 by default
cli-arg-once = Serve one client, then end: with status 0, or 1 if the connection was reset
cli-arg-allow = Let only these connect: ADDRESS or ADDRESS/BITS, again and again, or @FILE with one on each line
cli-arg-deny = Do not let these connect, even if they are allowed: as with --allow
cli-arg-relay = Send what a client says to all other clients: a room to chat in. A line that lacks its ending gets one; with --raw all stays as it is
cli-arg-relay-names = As --relay, each message with the address of who said it before it
cli-arg-bind = Connect from this address and port, or only from this port
cli-arg-connect-timeout = Give connecting up after this long, the look-up included; 10 after the look-up by default
cli-arg-reconnect = Connect again when the connection cannot be made or ends, after 1 second and then ever later, up to 30
cli-arg-probe = Only try to connect: exit status 0 if a program listens there, else 1
cli-arg-peer = Name or address, and port, of the server; without a port, 8888
cli-arg-settings = What is not given here comes from the window’s saved settings, not from the defaults
cli-arg-raw = Pass bytes on as they are, like a pipe: standard input goes out unchanged, and what comes goes to standard output, which has nothing else
cli-arg-framing = Where a received message ends; by default at the end of a line
cli-arg-delimiter = A message ends with this text, received and sent; \r, \n, \x03 and the like are read as in a program
cli-arg-fixed = Each message received has so many bytes
cli-arg-prefix = A length of so many bytes is before each message, received and sent
cli-arg-prefix-order = The order of the bytes of --prefix; big by default
cli-arg-prefix-self = The length of --prefix counts all of the message, itself too
cli-arg-prefix-offset = So many bytes of the message are before the length of --prefix
cli-arg-quiet-ms = After so many milliseconds without a byte a tail is shown, or with --framing quiet a message ends; 200 by default
cli-arg-encoding = Encoding of text, sent and received: UTF-8 (the default), GBK, GB18030, Big5, …
cli-arg-line-ending = What is added to each line sent; LF by default
cli-arg-recv-size = Bytes asked of each recv; 4096 by default
cli-arg-reply = Answer each message with this text
cli-arg-echo = Answer each message with itself
cli-arg-no-reply = Answer nothing, whatever --settings says
cli-arg-half-open = Keep this end open when the peer finishes sending
cli-arg-send-only = Only send: what comes is read and thrown away, and the connection is closed once standard input has been sent
cli-arg-receive-only = Only receive: standard input is not read
cli-arg-delay = Wait so many milliseconds after each line before the next is sent
cli-arg-idle = End a conversation over which nothing has come or gone for this long
cli-arg-keepalive = Ask whether the peer’s system is still there after this long without a word from it; after a quarter of --peer-timeout by default
cli-arg-peer-timeout = Give a connection up when the peer’s system has answered nothing for this long, 3 to 86400 seconds; 60 by default, 0 leaves it to this system
cli-arg-copy-to = Write all that is sent and received to this file too, as it is on the wire
cli-arg-hex-dump = Write all that is sent and received to this file too, as hex and text, with times
cli-arg-json = Print one JSON object a line
cli-arg-text = The text; upper and lower case are alike
cli-arg-ids = Conversations, by the ids that `history list` prints; without one, all of them
cli-arg-format = text for reading, csv for a spreadsheet, jsonl to import again, raw for the bytes received
cli-arg-output = Write to this file, whole or not at all; what is there is replaced
cli-arg-subcommand = Print help for the subcommand(s)
cli-arg-help = Print help
cli-arg-version = Print version
cli-usage = Usage:{" "}
cli-usage-options = [OPTIONS]
cli-usage-command = COMMAND
cli-commands = Commands
cli-arguments = Arguments
cli-options = Options
cli-values = {" "}[possible values: { $values }]
cli-error = error: { $what }
cli-more = For more information, try “--help”.
cli-wrong-value = “{ $value }” cannot be used for { $arg }
cli-no-value = { $arg } needs a value
cli-range = it is not a number from { $least } to { $most }
cli-no-number = it is not a number
cli-encodings = it is not an encoding that can be sent; there are { $encodings }
cli-unknown-argument = There is no argument { $arg }
cli-unknown-command = There is no command { $command }
cli-missing = Missing: { $arg }
cli-conflict = { $arg } cannot be used with { $other }
cli-of-the-window = --listen, --connect, --frame-log, and ports before a subcommand are for the window, not for a subcommand
cli-port-twice = The port was given twice

## Explain an error
explain-error = Explain an error
explain-error-close = Close the explanation of errors
explain-error-what = What a program printed when it failed: a traceback of Python, or its last line
explain-error-field = Error text
explain-error-hint = Paste it here
explain-error-none = No exception of Python is in this text: the line with the error is usually the last
explain-error-ran-on = From a program on { $system }
explain-error-at = The call: { $call }, { $side }
explain-side-server = usually of the server
explain-side-client = of the client
explain-side-both = of either end
explain-error-here = This computer now
explain-error-here-hint = If the program ran on another computer, look there
explain-error-port = Port
explain-error-port-hint = to see who holds it
explain-error-listens = { $name } (process { $pid }) listens on { $address }
explain-error-listens-ours = This window listens on { $address }
explain-error-listens-unknown = A program listens on { $address }; which one is not reported
explain-error-only-here = { $listens }: only this computer can connect
explain-error-nobody = No program listens on TCP port { $port }
explain-error-holds = Connections that have port { $port } here: { $states }
explain-error-time-wait = The last of those in TIME-WAIT leaves it in { $seconds } s
explain-error-is-ours = { $ip } is an address of this computer
explain-error-is-not-ours = { $ip } is not an address of this computer
explain-error-not-told = The sockets could not be read: { $why }
mistake-refused = No program listens on that address and port, or a firewall refuses the connection
mistake-refused-todo = Start the server first, and check that both programs have the same address and port
mistake-in-use = Another socket holds that address and port: a program that listens there; on Linux and macOS also old connections of a server, in TIME-WAIT or still open
mistake-in-use-todo = End the other program, wait a minute, or choose another port. Set SO_REUSEADDR before bind; on Linux the program before must have set it too
mistake-not-here = That is not an address of the computer that the program runs on
mistake-not-here-todo = Bind ('', port) for all its IPv4 addresses, or one of its own addresses
mistake-cannot-connect-to = The system cannot connect there: for example to 0.0.0.0 on Windows, to port 0, to IPv6 on a computer without it, or because no local port is free
mistake-cannot-connect-to-todo = Connect to an address of the server; on the same computer that is 127.0.0.1
mistake-no-right-port = This port may not be used: on Linux ports below 1024 need administrator rights; on Windows another program may hold it, or Windows reserves it
mistake-no-right-port-todo = Choose another port from 1024 to 65535
mistake-no-right = A right is missing, or a firewall or security program blocks it
mistake-no-right-todo = Allow Python in the firewall, or look at its settings
mistake-reset = The other end threw the connection away (RST): for example its program ended abruptly, or closed before it had read everything
mistake-reset-todo = See whether the program at the other end printed an error. Before close, read until recv returns b''
mistake-pipe = Nothing can be sent on this socket any longer: the other end had closed, or this end had called shutdown or was never connected
mistake-pipe-todo = See whether the program at the other end has ended. Where recv returned b'', leave the loop
mistake-aborted = The system here gave the connection up: for example the other end had closed it while something was still being sent
mistake-no-answer = Nothing came back: the address is wrong, the computer is off, a firewall drops the packets, or the server’s accept queue is full
mistake-no-answer-todo = Check the address, then test it under “{ $network }”
mistake-vanished = The other computer no longer answers
mistake-vanished-todo = See whether it is on, and the network between
mistake-unreachable = No route leads to that address, or no computer in the own network answers at it
mistake-unreachable-todo = Check the address, and that both computers are on the same network
mistake-not-connected = The socket is not connected: it is the listening one, or connect was not called or did not succeed
mistake-not-connected-todo = A server receives and sends on the socket that accept returns; a client calls connect first
mistake-connected = The socket is connected already
mistake-connected-todo = For another connection make another socket
mistake-accept-early = accept was called on a socket that does not listen
mistake-accept-early-todo = The order is socket, bind, listen, accept
mistake-bind-twice = The socket has an address already, or the address is not of its family
mistake-bind-twice-todo = Call bind once for each socket, before listen
mistake-invalid = A call at the wrong time, or with a value that the system does not take
mistake-invalid-todo = A server’s order is socket, bind, listen, accept; a client’s is socket, connect
mistake-closed = The socket was closed before this call
mistake-closed-todo = Move close() behind the last use. In a loop close the client’s socket, not the listening one
mistake-too-many = The program has too many open files and sockets
mistake-too-many-todo = Close the socket of each client that is done
mistake-would-wait = The socket does not wait (setblocking(False) or settimeout(0)), and there was nothing to do at once
mistake-would-wait-todo = Let it wait, or use select first
mistake-family = The address is of another family than the socket
mistake-family-todo = AF_INET is for IPv4 addresses, AF_INET6 for IPv6
mistake-type = A socket of this type has no such call: listen and accept are for SOCK_STREAM (TCP)
mistake-type-todo = Make it with socket(AF_INET, SOCK_STREAM)
mistake-system = An error that the system gives seldom
mistake-no-name = No address was found for this host name: it is misspelt, or the computer could not ask
mistake-no-name-todo = Check the spelling and the network, or use the IP address
mistake-no-name-server = No name server has answered
mistake-timed-out = The call had not finished within the time set with settimeout
mistake-timed-out-todo = See whether the other end has sent anything: both may wait in recv
mistake-character-cut = The bytes end in the middle of a character: recv may have returned only part of the message; or they are of another encoding
mistake-character-cut-todo = Put the bytes of the whole message together first, then decode. Use the same encoding at both ends
mistake-encoding = These bytes are not text in that encoding: the other end may use another one, such as GBK, or the text begins in the middle of a character
mistake-encoding-todo = Use the same encoding at both ends: encode('utf-8') and decode('utf-8')
mistake-no-bytes = That encoding has no bytes for this character
mistake-no-bytes-todo = Use utf-8
mistake-text-for-bytes = Bytes are wanted here, and something else was given
mistake-text-for-bytes-todo = Turn text into bytes: text.encode('utf-8')
mistake-text-and-bytes = Text (str) and bytes were added to each other
mistake-text-and-bytes-todo = Turn one into the other first: data.decode('utf-8') or text.encode('utf-8')
mistake-decode-of-text = decode was called on text (str), which is decoded already
mistake-encode-of-bytes = encode was called on bytes, which are encoded already
mistake-conversion-todo = encode turns text into bytes, before send; decode turns bytes into text, after recv
mistake-tuple = The address has to be one argument: a tuple of host and port
mistake-tuple-todo = Write two pairs of brackets: s.connect(('127.0.0.1', 8888))
mistake-port-text = A whole number is wanted, and text was given, such as the port
mistake-port-text-todo = int(port) turns text into a number
mistake-port-large = A port is a number from 0 to 65535
mistake-port-large-todo = Choose a port from 1024 to 65535
mistake-accept-tuple = A tuple was used as if it were the socket: accept() returns a tuple of both, the new socket and the client’s address
mistake-accept-tuple-todo = Take it apart: conn, addr = server.accept()
mistake-count = There are more or fewer names before the = than values after it; accept() returns two
mistake-module-called = A module was called as if it were a function. With “import socket” the class is socket.socket
mistake-module-called-todo = Write socket.socket(socket.AF_INET, socket.SOCK_STREAM)
mistake-shadowed = Python’s module socket has no such name: it is misspelt, or a file of your own called socket.py was imported instead
mistake-shadowed-todo = Rename your file, and delete the folder __pycache__ beside it
mistake-not-imported = The module was not imported
mistake-not-imported-todo = Write “import socket” at the top
mistake-no-module = Python finds no module of this name: it is misspelt, or not installed
mistake-no-module-todo = Check the spelling: import socket
mistake-few-bytes = struct.unpack got fewer bytes than its format needs: recv may return fewer than asked for, and b'' after the end
mistake-few-bytes-todo = Call recv again until all bytes are there
mistake-end-of-input = input() found the end of the input
mistake-end-of-input-todo = Run the program in a terminal, and do not press Ctrl+D or Ctrl+Z
mistake-interrupted = The program was ended with Ctrl+C. The lines above it show where it was waiting
mistake-unknown = This is not an error of a socket that is known here
cli-seconds = it is not a number of seconds from 0.001 to 86400
cli-delimiter = it is not 1 to { $most } bytes
cli-network = “{ $network }” is not an address or a network, as in 192.168.1.20 or 192.168.1.0/24
cli-network-file = { $path } cannot be read: { $why }
cli-escape-unknown = \{ $found } at character { $position } means nothing
cli-escape-unfinished = the escape at character { $position } is not whole
cli-escape-no-character = no character has the number at character { $position }
# What the examples of the help and the man pages are for.
cli-examples = Examples:
cli-example-listen = Serve clients of this computer; each line typed goes to all of them
cli-example-room = A room to chat in, for nc and scripts, with the address of who said it
cli-example-echo = Answer each message with itself, until the program is ended
cli-example-take = Take a file from one client, byte for byte
cli-example-serve = Give one client a file, and the end of it
cli-example-allow = Let only a classroom’s computers and this one connect
cli-example-jq = Print the messages received, for another program
cli-example-connect = Talk to a server; Ctrl+D finishes sending, Ctrl+C ends
cli-example-ask = Send one line and print what comes, until nothing has come for two seconds
cli-example-probe = Wait until a server has started
cli-example-give = Send a file, byte for byte
cli-example-device = Ask a device that ends its messages with CR, every line half a second after the one before
cli-example-prefix = Speak with a program that sends a 2-byte length before each message, the low byte first
cli-example-watch = Only receive, connect again whenever the connection ends, and keep what came in a file
cli-example-gbk = Talk to a program that writes GBK

## About
about = About Sockhop
about-close = Close the page about Sockhop
about-version = Sockhop { $version }
about-copy = Copy the version
about-what = Two machines chat over a bare TCP socket, and a class can watch what the socket does.
about-licence = Free software, under the MIT licence or the Apache licence 2.0, whichever you choose
about-others = What is in it beside its own code, and under which terms

## What the system says of a file

system-error = { $what } (os error { $number })
system-not-found = there is no such file or folder
system-not-permitted = no permission
system-exists = there is a file of this name
system-is-folder = it is a folder
system-no-folder = a part of the path is no folder
system-read-only = nothing can be written to this disk
system-disk-full = the disk is full
system-quota = the space allowed on this disk is used up
system-too-large = the file would be too large
system-bad-name = the name is not allowed here
system-busy = it is in use

## Diagnoses: why a conversation does not do what it should

# Programs in the sentences below.
program-this = this Sockhop
program-other = { $name } (process { $pid })
program-unknown = the program

diagnosis-evidence = See the evidence
# For screen readers: the mark on a conversation's row.
diagnosis-named = { $what } { $todo }

diagnosis-not-accepted = Connected, but the server has not accepted it yet: it waits in the accept queue
diagnosis-not-accepted-figures = Connected, but the server has not accepted it yet: it waits in the accept queue ({ $waiting } / { $backlog })
diagnosis-not-accepted-todo = The server is { $program }. The kernel does the handshake, without accept: see what the program is doing
diagnosis-not-accepted-todo-serves =
    { $count ->
        [one] { $program } holds another connection that it accepted, and has not called accept again
       *[other] { $program } holds { $count } other connections that it accepted, and has not called accept again
    }
diagnosis-not-accepted-todo-unknown = The kernel does the handshake, without accept: see what the server’s program is doing
diagnosis-queue-full = The server listens, but its accept queue is full ({ $waiting }, backlog { $backlog }): it does not call accept
diagnosis-queue-full-todo = The server is { $program }. While its queue is full, connect gets no answer: have it call accept, then connect again
diagnosis-not-read =
    { $bytes ->
        [one] Delivered, but not read: { $program } has not called recv for 1 byte
       *[other] Delivered, but not read: { $program } has not called recv for { $bytes } bytes
    }
diagnosis-not-read-todo = Its kernel has them. See what the program does before its next recv
diagnosis-no-room = The peer does not read: its receive window is 0
diagnosis-no-room-bytes = The peer does not read: its receive window is 0, and { $bytes } bytes wait here
diagnosis-no-room-todo = See whether the program there still calls recv
diagnosis-both-wait = Nothing is on its way in either direction: if the peer is in recv too, both wait for ever
diagnosis-both-wait-todo = One of them has to send first
diagnosis-both-wait-read = { $program } has read everything and sent nothing since; nothing is on its way in either direction
diagnosis-both-wait-read-todo = If it waits in recv for more, for a newline say, both wait for ever: one of them has to send first
diagnosis-end = The peer has not called close() yet: its kernel has acknowledged this end’s FIN, its program has not finished
diagnosis-end-read = { $program } has not called close() yet: its recv has returned 0 bytes (b'')
diagnosis-end-unread = { $program } has not called close() yet, nor read the end: its next recv returns 0 bytes (b'')
diagnosis-end-left = { $program } has not called close() yet: { $bytes } bytes before the end are unread
diagnosis-end-todo = When recv returns b'', its loop has to end: does it check that?
diagnosis-end-read-todo = Does its loop check for b''?
diagnosis-answered-by-reset =
    { $messages ->
        [one] The peer had finished sending, and reset the connection after this message: most likely no program has read it
       *[other] The peer had finished sending, and reset the connection after { $messages } messages: most likely no program has read them
    }
diagnosis-answered-by-reset-todo = For an answer, the peer has to call recv before close()
diagnosis-server-gone = The connection was reset, and now no program listens on { $address }
diagnosis-server-gone-todo = See in its terminal why the server ended, and start it again before you connect again
diagnosis-closed-silently = The peer closed the connection and never sent a byte
diagnosis-closed-unanswered = The peer closed the connection without an answer
diagnosis-closed-todo = If that is not meant, see its terminal
diagnosis-listens-elsewhere = { $program } listens on { $listens } only, not on { $asked }
diagnosis-listens-elsewhere-todo = Connect to { $address }, or have it bind to ('', { $port })
diagnosis-listens-elsewhere-todo-other = Connect to { $address }
diagnosis-only-udp = { $program } has port { $port } for UDP; this is TCP
diagnosis-only-udp-todo = A TCP server makes its socket with SOCK_STREAM
diagnosis-other-port = No program listens on port { $asked }; { $program } listens on { $listens }
diagnosis-other-port-todo = If that is the server, connect to { $address }

# What keeps a server from a port.
held-by-connections =
    { $count ->
        [one] { $program } no longer listens on this port, but 1 connection of its holds it: end it, or choose another port
       *[other] { $program } no longer listens on this port, but { $count } connections of its hold it: end it, or choose another port
    }
held-by-own =
    { $count ->
        [one] 1 connection of this Sockhop holds the port still: close it, or choose another port
       *[other] { $count } connections of this Sockhop hold the port still: close them, or choose another port
    }
held-by-kernel = A connection that has not ended yet holds the port: wait, or choose another
held-time-wait = Its last owner did not set SO_REUSEADDR: the port is in TIME-WAIT for { $seconds } s more. Wait, or choose another
held-time-wait-unset = The port is in TIME-WAIT for { $seconds } s more: wait, or choose another. With “reuse address” on there is no wait if the last owner had set it too
held-time-wait-untold = The port is in TIME-WAIT: wait a minute, or choose another
# On the server's card, after it stopped.
left-connections =
    { $count ->
        [one] Port { $port } is still held by 1 connection: a server without SO_REUSEADDR cannot bind to it now
       *[other] Port { $port } is still held by { $count } connections: a server without SO_REUSEADDR cannot bind to it now
    }
left-time-wait = Port { $port } is in TIME-WAIT for { $seconds } s more: a server without SO_REUSEADDR cannot bind to it now
queue-is-full = The queue is full: further clients get no answer (Linux lets one more wait than the backlog)

# The evidence in the inspector.
evidence-ours = This end
evidence-other = Other end, on this computer too
evidence-listener = Listening socket { $address }
evidence-udp = UDP socket { $address }
evidence-no-listener = No program listens on { $address }
evidence-state = State
evidence-owner = Held by
evidence-owner-none = no process yet: it has a descriptor once accept returns it
evidence-owner-kernel = the kernel alone
evidence-unread = Not read
evidence-unacknowledged = Not acknowledged
evidence-bytes =
    { $count ->
        [one] 1 byte
       *[other] { $count } bytes
    }
evidence-queue = Accept queue
evidence-timer = Timer
evidence-timer-retransmit = sends again in { $seconds } s
evidence-timer-keepalive = asks for a sign of life in { $seconds } s
evidence-timer-time-wait = ends in { $seconds } s
evidence-timer-probe = asks for room in { $seconds } s
evidence-at = From the kernel’s socket table, { $time }

## People on this network
nearby-all = Everyone nearby
sent-read = read
delivered = delivered
delivered-hint = It is on the other person’s disk. Whether they have read it is said separately.
read-hint = The other person had it on the screen.
sent-to-people = { $delivered } of { $people } delivered, { $read } read
sent-to-some-people = { $delivered } of { $people } delivered, { $not } given up
given-up-cancelled = cancelled before it was sent
given-up-blocked = not sent: you blocked this person
given-up-expired = not delivered: the person was not met for 30 days
row-linked = Connected, encrypted
row-not-linked = Not connected: messages will be delivered when the person is back
row-verified = Verified: both of you saw the same six digits
row-codes-differed = The six digits were not the same: somebody may be in between, or they were read wrongly
row-new-key = This key is new, but the name is that of a person you verified. It may be somebody else. Compare the six digits before you write.
row-blocked = You blocked this person
row-unblocked = You unblocked this person
not-said-blocked = Not sent: you blocked { $name }
not-said-blocked-todo = Unblock the person first.
not-said-new-key = Not sent: { $name } has a new key
not-said-new-key-todo = Compare the six digits, or confirm that the new key is right.
not-said-not-met = Not sent: { $name } has not been reached yet, so the key is not proved
not-said-too-long = Not sent: a message to a person has at most { $most } bytes
not-said-too-many = Not sent: too many messages already wait for { $name }
not-said-nobody = Not sent: nobody is nearby
bytes-moves-person = This message went encrypted, in records of TLS: from outside, nobody sees which bytes on the wire are its own

# In the terminal
lan-visible = Visible on this network as { $name }, port { $port }
lan-person = { $name } is nearby ({ $address })
lan-linked = Encrypted link to { $name }, not verified
lan-linked-verified = Encrypted link to { $name }, verified
lan-unlinked = The link to { $name } is lost
lan-delivered = Message { $n } is delivered to { $name }
lan-read = { $name } has read message { $n }
lan-digits = { $name } sees six digits too. Yours are { $digits }
lan-digits-in-window = The six digits are in the open window. Compare them there.
lan-window-not-visible = Not visible on this network: the open window that uses this data folder is not
lan-are-they-the-same = Are they the same? y or n:
lan-locked = The digits differed too often: try again in ten minutes
lan-not-linked = There is no link to this person now
lan-stopped = Stopped
lan-given-up = Message { $n } is given up
lan-nobody = Nobody called { $name } is on this network or known
lan-several = Several people are called { $name }: use the id from sockhop nearby --json
lan-not-delivered = Not delivered to { $name } within { $seconds } s. The message waits and is delivered when both of you are on this network again.
lan-no-folder = Not visible on this network: there is no folder to keep messages in
lan-no-identity = Not visible on this network: { $why }
lan-no-history = Not visible on this network: another Sockhop uses this data folder, or its history can’t be opened
lan-no-port = Not visible on this network: port { $port }: { $why }
lan-list-verified = encrypted, verified
lan-list-encrypted = encrypted, not verified
lan-list-no-link = no link yet
lan-list-nobody = Nobody else is visible on this network
lan-wrong-line = Not understood: { $why }
lan-to-whom = Write “NAME: text”

# The command line
cli-nearby = List the Sockhops on this network
cli-lan = Be seen on this network, in the terminal; lines typed as “NAME: text” go to that person, encrypted
cli-say = Write one message to a person on this network and wait until it is delivered; exit status 1 if it is not
cli-verify = Compare six digits with a person on this network
cli-arg-name = What others see; this computer’s name by default
cli-arg-seconds = How long to look, in seconds
cli-arg-lan-port = TCP port where encrypted links are taken; any free one if it is in use
cli-arg-beacon-port = UDP port of beacons; only those with the same one find each other
cli-arg-tls-keys = Write the secrets of encrypted links to this file, for Wireshark: anyone who has it can read them
cli-arg-person = The person’s name, or the id that `nearby --json` prints
cli-arg-said = The text; it may have many lines
cli-arg-wait = How long to wait until it is delivered, in seconds
nearby = Nearby
nearby-to-all = To { $count } nearby, each with what became of it
nearby-subtitle = Encrypted to each of { $count } nearby
nearby-nobody = Nobody is seen yet.
nearby-why = Why?
plain-conversations = Plain connections
people-not-nearby = { $count } not nearby
people-not-nearby-hint = People you have met, who are not on this network now
empty-nearby = What you write here goes to everyone nearby, encrypted to each
presence-here = Here
presence-away = Away
presence-busy = Busy
presence-not-nearby = Not nearby
person-waiting = { $state } · { $count } waiting to be delivered
person-wants-to-compare = Wants to compare six digits
person-key = key { $tag }
link-connecting = Connecting
link-none = Not connected
person-waits = waiting to be delivered
person-waits-hint = It is on your disk, and goes out by itself once the person is back. Until then it can be cancelled.
person-sent-hint = It went out. The other Sockhop has not confirmed yet that it is on its disk.
person-cancel = Cancel: { $text }
person-composer-hint = Write to { $name }…
person-keys = Enter sends, Shift+Enter begins a new line
person-offline-hint = You can write without a connection; it is delivered later
person-text-too-long = { $bytes } bytes; a message to a person has at most { $most }
cannot-say-blocked = You blocked this person
cannot-say-new-key = Nothing is sent before you decide about the new key
cannot-say-not-reached = You can write once this Sockhop was reached and its key is proved
cannot-say-nobody = Nobody is nearby
shield-plain = Plain
shield-plain-hint = Bare TCP: anyone on the way can read it and change it
shield-not-reached = Not reached yet
shield-not-reached-hint = Only a beacon was heard, which anyone can send. The key is not proved yet.
shield-encrypted = Encrypted, not verified
shield-encrypted-hint = Nobody on the way can read it. Whether this is the person you think, only the six digits show.
shield-verified = Encrypted, verified
shield-verified-hint = Nobody on the way can read it, and both of you saw the same six digits
shield-new-key = New key
shield-new-key-hint = The name is that of a person you verified, but the key is another one
shield-blocked = Blocked
shield-blocked-hint = Nothing is sent to this person, and nothing is accepted
me-row = You: { $name }, { $state }. { $line }
me-rename = Name and colour…
me-network = Who sees whom…
me-hide = Be seen no longer
me-title = What others call you
me-hint = Everyone on this network sees the name and the colour.
me-done = Done
visibility-off = Not visible on this network
visibility-opening = Becoming visible…
visibility-on = Visible · { $count } nearby
visibility-unable = Cannot be visible
visible = Visible on this network
visible-hint = Other Sockhops on this network see your name, and you see theirs. What you write to each other is encrypted.
visible-off-hint = Off: no Sockhop sees this one, and none is looked for. The server is another thing: it is reached at its address.
visible-on-port = On: { $count } nearby. Connections of other Sockhops are accepted on TCP port { $port }.
visible-question = Should other Sockhops on this network see you?
visible-question-hint = You would find each other without typing an address, and what you write is encrypted and arrives later if somebody is away. Others see your name as long as this is on. Until you answer, it is off; you can change it in the settings.
visible-yes = Yes, be visible
visible-no = No
lan-name = Your name
lan-colour = Your colour
lan-colour-number = Your colour: { $number }
read-receipts = Read receipts
read-receipts-hint = Others learn what you have read, and you what they have. Off: neither.
section-people = People on this network
network-people = People on this network
network-people-hint = Other Sockhops, found without an address by short UDP messages to everyone on the network
look-harder = Look harder
look-harder-hint = Asks every address of this computer’s networks, up to 1,022 of them, one by one
people-interfaces = Looks over { $names }
people-interface-failed = { $name } cannot be used: { $why }
people-use-interface = Also look over { $name }
list-comma = {", "}
why-nobody = Nobody is seen. What may be the reason:
why-no-network = This computer is in no network
why-no-interface = No network interface can be used to look
why-vpn = A VPN, Docker or a virtual machine has a network of its own; those in it are seen only if it is switched on above
why-crowded = More Sockhops are here than are listed
why-they-hide = The others have not made themselves visible
why-isolation = The Wi-Fi keeps its guests apart (client isolation): then no computer reaches another, and only the school’s network administrator can change it
why-subnet = They are on another network or subnet: connect to their address instead
why-windows = Windows treats this network as public and its firewall blocks it: set the network to private, or allow Sockhop
why-macos = macOS has not been allowed to let Sockhop reach the local network: System Settings, Privacy & Security, Local Network
why-firewall = A firewall on this computer or on theirs blocks UDP port 28888
unable-no-folder = There is no data folder to keep messages in, so they could be lost
unable-no-identity = The file with your key cannot be used: { $why }
unable-no-history = Messages cannot be kept, so they could be lost. { $why }
unable-no-port = No TCP port can be listened on, not even another than { $port }: { $why }
unable-no-beacons = UDP port { $port } cannot be used: { $why }
person-verify = Compare six digits…
person-verify-not-linked = Needs a connection to the person
person-copy-key = Copy the whole key
person-block = Block
person-unblock = Unblock
person-forget = Forget…
person-forget-do = Forget
forget-title = Forget { $name }?
forget-hint = The person leaves the list until you meet again, and is no longer verified. What was written stays in the history.
forget-waiting = { $count } messages that wait will not be sent.
bar-new-key = { $name } has a new key, and you verified another person of this name. It may be a new computer, or somebody who poses as the one you know. Nothing is sent until you decide: compare the six digits, best face to face.
bar-new-key-right = It is right
bar-blocked = You blocked { $name }. Nothing is sent, and nothing is accepted.
bar-compare = { $name } wants to compare six digits with you.
bar-compare-show = Show the digits
bar-compare-not = Not now
verify-title = Is it really { $name }?
verify-hint = Read these six digits to each other, in the room or on the phone. Nobody in between can make both screens show the same.
verify-they-began = { $name } asks to compare. Read these six digits to each other, in the room or on the phone. Nobody in between can make both screens show the same.
verify-digits = Six digits: { $digits }
verify-same-question = { $name } sees six digits too. Are they the same?
verify-same = They are the same
verify-differ = They differ
verify-begun = Waiting for the Sockhop of { $name }…
verify-waits = You said that they are the same. Waiting for { $name } to say so too.
verify-over-same = Verified: it is { $name }, and nobody is in between. This stays so for this key.
verify-over-differ = The digits were not the same. Somebody may be in between: do not write anything that others must not read, and ask your network administrator.
verify-over-cheated = The other end did not keep to the rules of comparing. Somebody may be in between.
verify-over-locked = Three comparisons failed. To keep anyone from guessing, the next one is possible in { $minutes } minutes.
verify-over-not-linked = { $name } is not connected now. Try again once the person is back.
verify-stopped = The comparison was stopped. Nothing has changed.
verify-close = Close
protection = What is protected
protection-open = What is protected…
protection-close = Close
protection-people = Between you and a person nearby
protection-read = Nobody on the way can read what you write: not the Wi-Fi, not a switch, not the school’s server.
protection-change = Nobody on the way can change it, repeat it or leave out a part unnoticed.
protection-pose = Nobody can pose as somebody you verified: the key would be another one, and you would be warned before anything is sent.
protection-never-plain = It never becomes a plain connection by itself. What cannot be sent encrypted waits.
protection-arrive = What says “delivered” is on the other person’s disk.
protection-until-verified = Until you compare six digits
protection-until-verified-why = A name proves nothing: anyone may call themselves so. At the first contact somebody in between could be taken for the person. Comparing the six digits once rules that out for good.
protection-not = What it does not protect
protection-not-who = Anyone on this network sees that you use Sockhop, what you call yourself, with whom you write, when, and about how much.
protection-not-disk = What is on the disk is not encrypted: anyone who has this computer or a copy of its data folder can read it, and write in your name.
protection-not-names = Names and colours are chosen freely. Only the key counts.
protection-not-other = What the other person does with it.
protection-plain = Plain connections
protection-plain-why = The server, and connections to an address, are bare TCP: every byte is on the wire as it was written, for anyone on the way to read and change. That is what the lessons show. Write nothing there that others must not read.
shares = Who got it
shares-none = That is known only as long as Sockhop runs
shares-close = Close
wire = What a listener on the way sees
wire-hint = The records of this connection, as they are on the wire from now on; the latest first
wire-plain = Plain connection, TCP
wire-tls = A person nearby, TLS 1.3
wire-nothing = Nothing has been sent yet
wire-nothing-yet = Nothing has crossed the wire since you look. Write something.
wire-you-see = You see:
wire-they-see = On the way they see:
wire-plain-means = { $count } bytes. A switch, a router, anyone on the same Wi-Fi can read them, and change them.
wire-tls-means = The same sentence. Visible: who with whom, when, how many bytes. Not visible: what it says. If one bit is changed, the other end refuses it.
wire-about = somebody sent about { $count } bytes
wire-before = What went before it, to make the keys
wire-refused = The other end refused it (TLS says: { $why })
wire-failed = This computer does not connect to itself: { $why }
wire-lost = Bytes came that begin no record: what follows cannot be cut into records
wire-more = { $count } more bytes
record-header = { $kind } { $what } · { $version } version · { $length } length: { $count } bytes
record-client-hello = handshake, ClientHello
record-server-hello = handshake, ServerHello
record-handshake = handshake
record-change-cipher = change cipher spec (means nothing in TLS 1.3)
record-alert = alert
record-application-data = application data

## UDP
udp-tcp = TCP
udp-udp = UDP
udp-over = Over
udp-start = Open a UDP socket
udp-bound = UDP socket open
udp-stopped = No UDP socket
udp-welcome-wait = Wait for datagrams
udp-welcome-waiting = Waiting for datagrams
udp-welcome-try = Try it on this computer: both ends in one window
udp-server-hint = It neither listens nor accepts: anyone who sends a datagram to it is heard
udp-group = Multicast group
udp-group-none = none
udp-group-wrong = A multicast address: 224.0.0.0 to 239.255.255.255, or one that begins with ff; behind %, the interface
udp-in-group = In the group { $group }
udp-dropped =
    { $count ->
        [one] 1 datagram came that the system had no room for: it is lost
       *[other] { $count } datagrams came that the system had no room for: they are lost
    }
udp-client-title = Send datagrams to another computer
udp-client-hint = UDP makes no connection: each message is one datagram, and nothing is added to it
udp-recent = Talk to { $address } over UDP

udp-title = UDP { $peer }
udp-title-to = UDP → { $peer }
udp-talk = Talk
udp-addresses =
    { $count ->
         [0] Nobody heard yet
         [one] 1 address heard
        *[other] { $count } addresses heard
    }
udp-everyone-subtitle =
    { $count ->
         [0] Nobody heard yet
         [one] To 1 address that was heard
        *[other] To each of { $count } addresses that were heard
    }
udp-empty-everyone = What you send here goes to each address that was heard
udp-heard = Last heard at { $time }
udp-not-heard = Nothing heard yet
udp-ended = Ended
udp-not-opened = Could not open
udp-from-subtitle = From recvfrom(): { $peer } · local { $local }
udp-to-subtitle = UDP to { $peer } · local { $local }
udp-let-go = Let this address go
udp-let-go-hint = The socket stays open; what this address sends next begins another conversation
udp-close = Close the UDP socket
udp-close-hint = close(): nothing is sent to the other end, for UDP has no end
udp-again = Open it again
udp-sent-hint = This computer’s system has taken the datagram. UDP does not report whether it arrived
udp-empty = empty datagram
udp-send-empty = An empty datagram
udp-empty-enter-title = Send an empty datagram when Enter is pressed in an empty field?
udp-empty-enter-hint = recvfrom at the other end returns 0 bytes: over UDP that is a message, not an end. It can be changed in the settings.
udp-no-connection = There is no connection: UDP keeps no states, and nothing is acknowledged.
udp-our-socket = This socket: { $local }
udp-peer-address = The other: { $peer }
udp-code = A program for the other end, in Python
close-udp = The UDP socket was closed
close-forgotten = This address was let go
close-let-go = This address was let go to make room: it had not been heard for longest
addresses-let-go = More than { $most } addresses have sent datagrams: those not heard for longest are let go, each to make room for one more
error-udp-in-use = { $target } is already in use by a UDP socket
error-udp-in-use-todo = Choose another port, or end the program that uses this one; ports of TCP are others
error-datagram-too-long = One datagram cannot have so many bytes
error-datagram-too-long-most = A datagram to { $target } has at most { $most } bytes: nothing was sent
error-datagram-too-long-todo = Send less at once, or use TCP
error-not-taken = { $mib } MiB of datagrams are already waiting for this computer’s system to take them
error-not-taken-todo = Send more slowly
error-send-not-permitted = The system sent no datagram to { $target }
error-send-not-permitted-todo = A firewall may forbid it, or it is a broadcast address of a network and the socket lacks SO_BROADCAST
meaning-datagram-socket = Makes a UDP socket: SOCK_DGRAM. It is never connected, and needs neither listen nor accept: one socket hears everybody and can send to everybody.
meaning-recvfrom = Takes one datagram, whole, and returns it with the address of its sender; waits while there is none. Two datagrams are never returned together, and a datagram longer than asked for loses its rest. 0 bytes are an empty datagram, not an end.
meaning-sendto = Hands the system one datagram for this address. That it returns means only that this system took it: UDP reports neither whether anybody is there, nor whether it arrives, nor in which order. A socket that has no port yet gets one now.
meaning-close-udp = Gives the UDP socket back to the system. Nothing is sent to the other end; datagrams that come to this port from now on reach nobody.
meaning-broadcast = Allows datagrams to a broadcast address, which reach all computers of a network. Without it, sendto to such an address fails with EACCES.
meaning-join-group = Joins a multicast group on an interface: datagrams to the group’s address are received too.
meaning-leave-group = Leaves the multicast group: its datagrams are received no longer.
calls-udp-socket = UDP socket fd { $fd }
lane-bound = hears anybody
lane-udp = UDP
cannot-send-nobody-heard = Nobody has sent a datagram yet: there is no address to send to
cannot-send-no-socket = There is no socket yet: its calls are made one by one
term-bound = UDP socket open at { $local }
term-in-group = In the multicast group { $group }
term-udp-hand-out = Others can send to { $address }
term-udp-stopped = Stopped; { $addresses } { $addresses ->
    [one] address
   *[other] addresses
} heard; { $moved }
term-udp-nobody = No datagram has come yet: your lines are sent once there is an address to send to
term-heard = { $peer } sent its first datagram
term-ready = Each line is sent to { $peer } as a datagram; UDP does not report whether it arrives
term-has-port = This socket has a port now: { $local }
term-dropped = { $count ->
        [one] 1 datagram came that the system had no room for: it is lost
       *[other] { $count } datagrams in all came that the system had no room for: they are lost
    }
term-udp-ended = { $peer }: { $why }; { $moved }
term-udp-input-ended = Input has ended; datagrams are still received until Ctrl+C, or with --idle until none has come for so long
term-udp-reach-all = This is on every interface: anyone who can reach an address of this computer can send to it. For this computer alone: sockhop listen --udp 127.0.0.1
cli-arg-udp = Over UDP: each line is a datagram, as it is, and each address that is heard a conversation; with --json the events are bound, ready, `has_port`, heard, dropped and ended instead of those of connections
cli-arg-group = Join this multicast group: ADDRESS, or ADDRESS%INTERFACE
cli-group = no multicast address: 224.0.0.0 to 239.255.255.255, or one that begins with ff
