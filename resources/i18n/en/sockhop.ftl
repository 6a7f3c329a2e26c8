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
pause-accept-hint = Who connects now waits in the accept queue
accept-queue = Accept queue
accept-queue-hint = Connections that wait for accept, as the kernel reports it, and the backlog
accept-queue-unknown = This system does not tell how many connections wait for accept
copy-this-address = Copy the address { $address }
port-later = The system picks the port at the start
click-to-copy = Click to copy
reach-all = All interfaces: this computer and others on its networks
reach-this-computer = This computer only
reach-one = Others on this network can connect
reach-link-local = Others on the same cable or Wi-Fi; after % they write their own interface
reach-cut = Nobody else can connect now: { $interface } has an address, but no cable or Wi-Fi is connected
reach-ipv6-only = Others can’t connect: their network has only IPv6. Listen on :: instead, then they type { $ip }
reach-gone = Nobody can connect now: { $ip } is not an address of this computer any more
told-reach-again = Others can connect again: { $address }
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
settings = Settings
notices = Problem log
shortcuts = Keyboard shortcuts
remove-closed = Remove all closed
state-new = Connecting…
state-looking-up = Looking up { $host }…
state-connecting = Connecting to { $address }…
state-open = Connected
state-peer-finished = Peer finished sending
state-we-finished = We finished sending
state-broken = Broken off
state-closed = Closed
state-failed = Could not connect

## Welcome
welcome-title = Talk to another computer
welcome-wait = Wait for others
welcome-waiting = Waiting for others
welcome-they-type = They type this address:
welcome-connect = Connect to someone
welcome-address-hint = The address they see on their screen
welcome-alone = Alone?
welcome-try = Try it on this computer: both ends in one window
connect = Connect
connect-title = Connect to someone
connect-again = Connect again
address = Address
address-empty = Type an address, for example 192.168.1.20:8888
address-no-host = The part before the colon is missing: an IP address or a name
address-port = The port is a number from 1 to 65535
address-host = This is neither an IP address nor a name
address-not-whole = This is not a whole IPv4 address: it has four numbers, each from 0 to 255
address-not-whole-meant = This is not a whole IPv4 address. Is { $meant } meant?
address-brackets = An IPv6 address with a port stands in brackets: { $meant }
address-no-zone = { $ip } is on every interface: add which, as in { $ip }%{ $interface }
address-no-such-zone = This computer has no interface { $zone }
address-many = { $ip } stands for many computers at once; TCP connects two
address-of-web = This is plain TCP, not the web: only { $address } of the address is used

## Conversation
conversation-menu = More for this conversation
accepted-subtitle = Client address returned by accept(): { $peer } · local { $local }
outgoing-subtitle = Connected to { $peer } · local { $local }
everyone-subtitle =
    { $count ->
         [0] Nobody is connected
         [one] What you send goes to 1 client
        *[other] What you send goes to { $count } clients
    }
rename = Rename…
rename-title = Name for this peer
rename-hint = Empty: show the address
rename-done = Save
name = Name
cancel = Cancel
copy-address = Copy address
auto-reply = Auto-reply
auto-reply-off = Off
auto-reply-echo = Echo
auto-reply-text = Text…
replies =
    { $count ->
         [one] 1 reply:
        *[other] { $count } replies:
    }
reply-of = { $who }: { $text }
reply-title = Reply automatically
reply-done = Reply with it
auto-reply-this = Text: { $text }
finish-sending = Finish sending
finish-sending-hint = shutdown(SHUT_WR): the peer's recv returns 0; we can still receive
close = Close connection
close-hint = close(): ends this connection only
reset = Reset connection
reset-hint = Throw the connection away: the peer sees “connection reset” (RST)
remove = Remove from the list
cannot-send-nobody = Nobody is connected: there is nobody to send to
cannot-send-connecting = You can send once the connection stands
cannot-send-finished = You finished sending on this connection
cannot-send-closed = This connection is closed
cannot-send-failed = The connection could not be made
empty-conversation = Nothing has been sent or received yet
empty-everyone = What you send here goes to every connected client

## Transcript
row-accepted = Accepted; client address { $peer }
row-connected = Connected to { $peer }
row-peer-finished = The peer finished sending (recv returned 0)
row-write-finished = We finished sending (shutdown)
row-never-acknowledged = Sent, but never acknowledged: { $messages } { $messages ->
    [one] message
   *[other] messages
} ({ $bytes } { $bytes ->
    [one] byte
   *[other] bytes
}); the peer may not have received everything
row-urgent = An urgent byte (MSG_OOB) came: { $byte }, in its place in the stream, as byte { $position }
row-urgent-last = An urgent byte (MSG_OOB) came: { $byte }, in its place in the stream, as byte { $position }; later ones are not announced
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
to-the-end = To the end
bytes =
    { $count ->
         [one] 1 byte
        *[other] { $count } bytes
    }
mark-cut = part of a longer message
mark-no-newline = no newline
mark-unfinished = unfinished
malformed = Some bytes are not { $encoding }
sent-waiting = waiting
sent-failed = not sent
sent = sent
sent-hint = This computer’s system has taken all its bytes
acknowledged = acknowledged
acknowledged-hint = The other computer’s system has acknowledged all its bytes. Whether the program there has read them, TCP does not say.
not-acknowledged = not acknowledged since { $time }
silent-since = silent since { $time }
silent-since-hint = The other computer’s system answers neither what we send nor keepalive probes: it is off or asleep, or the network is cut. If that lasts for { $seconds } seconds, the connection is given up.
silent-since-hint-no-limit = The other computer’s system answers nothing: it is off or asleep, or the network is cut.
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
offered-pasted = { $size } of text from the clipboard: too long for the field
offered-file = { $name }, { $size }
offered-send = Send as it is
offered-aside = Put aside
long-under-way = Being sent: { $done } of { $of }
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
lines-arrive-apart = { $count } lines, each arrives as a message of its own
unmappable = { $encoding } has no “{ $character }”: it would go out as ?
encoding = Encoding
framing = A message ends
framing-line = by line
framing-chunk = each recv
framing-length = by length
framing-line-long = At a line ending (LF or CRLF)
framing-chunk-long = With each recv: TCP is a stream of bytes
framing-length-long = After a 4-byte length (struct.pack("!I", n))
line-ending = Line ending when sending
ending-is = ending { $ending }
ending-none = none
hex = hex
hex-hint = Send the bytes typed, nothing added
hex-field-hint = e4 bd a0 e5 a5 bd
hex-bad-digit = “{ $found }” at place { $place } is not a hex digit
hex-odd = Each byte takes two hex digits; one is missing
not-encrypted = plain text, not encrypted
not-encrypted-hint = Whoever can see this network's traffic can read it

## Settings
close-settings = Close settings
section-server = Server
section-messages = Messages
section-messages-hint = For new connections; an open one is changed below its messages
section-appearance = Appearance
next-start = The change takes effect at the next start of the server
ip-address = IP address
ip-all = All interfaces (0.0.0.0)
ip-this = This computer only (127.0.0.1)
ip-type = Other address…
ip-typed = Other address
ip-field = IP address, typed
ip-wrong = Not an IP address, like 192.168.1.20 or ::1
ip-not-here = Not an address of this computer: bind will fail
port = Port
port-any = 0: the system picks any free port
port-well-known = Well-known ports, for services such as http (80); often need administrator rights
port-own = For your own programs: 1024 to 65535
port-wrong = A number from 1 to 65535, or 0 for any free port
backlog = Backlog
backlog-hint = 5 is usual, the course's most is { $most }; this system caps it at { $cap }
backlog-hint-no-cap = 5 is usual, the course's most is { $most }; this system does not tell its cap
backlog-large = More than the course's { $most }; this system caps it at { $cap }
backlog-capped = This system caps it at { $cap }
backlog-wrong = At least 1; 5 is usual
reuse-address = Reuse address
reuse-address-hint = SO_REUSEADDR: the port can be taken again at once
exclusive-address = Exclusive address
exclusive-address-hint = SO_EXCLUSIVEADDRUSE, in place of SO_REUSEADDR: on Windows that one would let another program take the port
max-clients = Clients at most
max-clients-hint = One more is closed at once
max-clients-wrong = A number from 1 to { $most }
recv-size = recv size
recv-size-hint = Bytes for one recv; usually a multiple of 1024
recv-size-wrong = A number from 1 to { $most }
line-ending-length = Not used: the length says where a message ends
reply-text = Reply text
when-peer-finishes = When the peer finishes
peer-finishes-close = Close too
peer-finishes-keep = Stay open
when-peer-finishes-hint = After recv returns 0
peer-timeout = Peer timeout
peer-timeout-hint = SO_KEEPALIVE and TCP_USER_TIMEOUT: seconds without any answer until the connection is given up; 0 leaves both to the system
peer-timeout-wrong = 0, or a number from { $least } to { $most }
notify = Notifications
notify-hint = Of new messages while another window is in front: from whom and how many, not what they say. None in presenter mode
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
history-find = Find a name, an address or a text
history-find-hint = Name, address or text
history-empty = Past conversations will be listed here
history-none = Nothing has this in its name, address or text
history-more = There are more: type a name or an address
history-messages = Messages, the newest first
history-more-hits = There are more: type more of the text
history-size = { $messages } messages, { $kib } KiB
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
        *[other] { $shown } messages
    } of { $conversations ->
         [one] 1 conversation
        *[other] { $conversations } conversations
    } will be deleted for good.
removal-undo = For { $seconds } seconds this can be undone.
history-task-failed = The history could not do it: { $why }
history-read-only = A past conversation, as it was
history-facts =
    { $day }, { $from } to { $to } · { $messages ->
         [one] 1 message
        *[other] { $messages } messages
    }
no-history-newer = The history was written by a later version of Sockhop ({ $found }, this one knows { $known })
history-facts-days =
    { $day }, { $from } – { $last }, { $to } · { $messages ->
         [one] 1 message
        *[other] { $messages } messages
    }
history-indexing = Renewing the search index: { $percent } %. All is found meanwhile, only slower
no-history-in-use = Another Sockhop is using the history
no-history-locked = Another program has locked the history
no-history-waits = Messages are kept in memory and written as soon as { $path } is free
no-history-read-only = The history cannot be written: { $why }
no-history-damaged = The history is damaged: { $why }
no-history-not-opened = The history could not be opened: { $why }
no-history-gone = The history was deleted or moved away, and a new one cannot be begun yet: { $why }
no-history-todo = Chatting goes on without it; the file is { $path }
history-damaged = The history was damaged: { $why }
history-set-aside = It was set aside as { $path }; a new one is begun
history-disk-full = The disk is full: { $path } cannot be written
history-not-written = { $path } could not be written: { $why }
history-gone = { $path } was deleted, moved away or replaced while it was in use
history-gone-todo = What comes now is written to the file that is there from here on; what came before is not in it
history-stuck = The disk does not take the history
history-stuck-todo = Chatting goes on; what comes meanwhile waits in memory, as far as it may
history-retried = Chatting goes on; writing is tried again
history-written-again = The history is being written again
history-given-up = The history is being written again; { $count } rows are not in it
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
history-refused = { $count } rows could not be put into the history

## Notices
removed =
    { $count ->
         [one] 1 conversation removed
        *[other] { $count } conversations removed
    }
removing =
    { $count ->
         [one] 1 message will be deleted for good in { $seconds } seconds
        *[other] { $shown } messages will be deleted for good in { $seconds } seconds
    }
undo = Undo
copied = Copied: { $text }
dismiss = Close
copy-all = Copy all
no-notices = Nothing has gone wrong
ended-by-fault = Sockhop was ended by a fault the last time, in { $place }
ended-by-fault-todo = { $path } says more; please report it
answers-went-round = { $who } answers our automatic answers automatically: answering was stopped
answers-went-round-todo = Two programs that answer each other never stop. Switch automatic answers off at one end
term-answers-went-round = { $peer } answers our automatic answers automatically: it is answered no more
settings-damaged = The settings file could not be used: { $why }
settings-set-aside = It was set aside as { $path }; defaults are used
settings-not-set-aside = Defaults are used; the file could not be moved
setting-ignored = “{ $key }” in the settings file could not be used: { $why }
setting-ignored-todo = Its default is used; all other settings hold
no-folder = There is no folder to keep the settings in
settings-not-saved = Settings could not be saved to { $path }: { $why }
settings-not-saved-todo = They hold until Sockhop is closed
unmappable-sent = { $encoding } has no “{ $character }”: a ? was sent for it
frame-log-failed = The frame log { $path } could not be written: { $why }
most-is-old = { $messages } of { $all } messages are older than is set, by this computer’s clock: none was deleted
most-is-old-todo = Check the computer’s date. If it is right, choose “{ $button }” in the settings
closed-let-go = Too many closed conversations: the oldest are removed

## Keys
key-send = Send
key-break = Break the line
key-recall = Earlier messages, in an empty field
key-scroll = Scroll the messages
key-tab = Next control
key-escape = Close what is open
key-start-stop = Start or stop listening
key-pause = Pause or resume accept
key-next = Next conversation
key-previous = Previous conversation
key-everyone = Everyone
key-composer = Write a message
key-hex = Type hex or text
key-close = Close the connection
key-undo-remove = Undo removing
key-text-normal = Normal text size

### Terminal and errors

# What failed: { $what } is one of the sentences below, { $call } the socket call, { $errno } its name and number.
error-line = { $what } – { $call }: { $errno }
error-line-ours = { $what } – { $call }

error-address-in-use = { $target } is already in use
error-address-in-use-todo = Choose another port or end the program that uses this one; if it has just ended, turn on “reuse address”
error-address-in-use-todo-windows = Choose another port or end the program that uses this one; if none does, Windows reserves it, as “netsh int ipv4 show excludedportrange tcp” shows
error-address-in-use-todo-owner = { $name } (process { $pid }) listens on this port: end it, or choose another port
error-address-in-use-todo-self = This Sockhop listens on this port already: stop that server, or choose another port
error-no-port-left = No port is left on this machine for one more connection
error-no-port-left-todo = Close some connections, or wait a minute
error-address-not-here = { $ip } is not an address of this machine
error-address-not-here-todo = Listen on 0.0.0.0 to be reached at any of this machine’s addresses
error-address-not-here-todo-list = This machine has { $addresses }; or listen on 0.0.0.0 for all of them
error-cannot-connect-to = { $target } is not an address that can be connected to
error-cannot-connect-to-todo = Check the address; port 0 is nobody’s
error-low-port = { $target }: ports below 1024 need administrator rights
error-low-port-todo = Choose a port from 1024 to 65535
error-not-permitted = The system does not permit { $target }
error-not-permitted-todo = A firewall or security program may be refusing: allow Sockhop in it
error-refused = Nobody listens at { $target }
error-refused-todo = Start the server first, and check its address and port
error-timed-out = No answer from { $target }
error-timed-out-limit = No answer from { $target } within { $seconds } seconds
error-vanished = { $target } no longer answers: the connection was given up
error-vanished-todo = Its computer is off or asleep, or the network between is cut: check both, then connect again
error-timed-out-todo = The address is wrong, it is in another network, or a firewall drops the packets: check the address, try ping
error-unreachable = No way leads to { $target }
error-unreachable-todo = Check that this machine is on the network, and the address
error-unreachable-todo-list = Check that this machine is on the same network; its addresses are { $addresses }
error-nobody-there = No computer answers at { $ip }
error-nobody-there-todo = The address is in this machine’s own network ({ $interface }): the computer is off, or has another address
error-cut = { $interface } is not connected
error-cut-todo = Plug in the cable, or join the Wi-Fi
error-not-let-through = The system lets nothing go to { $ip }
error-not-let-through-todo = A route of this machine may discard it (a blackhole): look at its routes
error-no-ipv6 = This machine has no IPv6: { $ip } can’t be used
error-no-ipv6-todo = Connect to an IPv4 address
error-no-ipv6-todo-listen = Listen on 0.0.0.0, or on an IPv4 address
error-no-zone = { $ip } is on every interface
error-no-zone-todo = Add which interface, as in { $address }
error-many-todo = Use the address of one computer
error-itself = Nobody listens at { $target }: the socket was connected to itself, and is closed
error-no-name-server = No name server has answered about { $name }
error-no-name-server-todo = Nobody at that computer was asked. Check this machine’s network, or type the IP address
error-name-not-found = No address is known for the name { $name }
error-name-not-found-todo = Check the spelling and the network, or type the IP address instead
error-reset = { $target } reset the connection
error-reset-todo = The program there ended abruptly, or closed without reading everything: connect again
error-gave-up = A client gave up before it was accepted
error-too-many-files = Too many open files
error-too-many-files-todo = Close some connections, or raise the limit (ulimit -n)
error-not-reading = { $target } is not reading: { $mib } MiB wait for it already
error-not-reading-todo = Wait until the program there reads, or close the connection
error-busy = Sockhop has more to do than it can take
error-busy-todo = Try again in a moment
error-ended-before-sent = The connection ended before everything was sent
error-connect-again-todo = Connect again
error-write-finished = Sending is already finished on this connection
error-write-finished-todo = Make a new connection to send more
error-no-such-socket = This connection is no more
error-out-of-order = { $call } is not possible at this point
error-out-of-order-todo = The order is socket, bind, listen, accept
error-out-of-order-todo-client = The order is socket, connect, send and recv, close
error-no-socket-yet = There is no socket yet that { $call } could be called on
error-no-socket-yet-todo = Call socket first
error-prefix-too-long = A length prefix says { $bytes } bytes; the most is { $mib } MiB
error-prefix-too-long-todo = The other end may not send length prefixes: choose line or chunk framing
error-too-many-clients = { $target } was turned away: no more than { $most } clients at once
error-too-many-clients-todo = Allow more clients, or close some
error-cancelled = Connecting to { $target } was called off
error-other = { $target } { $words }

close-by-us = Closed here
close-orderly = Both sides finished
close-reset-by-us = Reset here
close-quit = Sockhop ended

term-no-folder = The data folder can’t be used, so the default settings are: { $error }
term-damaged = The settings file can’t be used, so the default settings are: { $why }
term-damaged-aside = The settings file can’t be used, so the default settings are: { $why }. It is kept as { $path }
term-setting-ignored = “{ $key }” in the settings file can’t be used, so its default is: { $why }
term-window-is-open = A window with this data folder is open already; it has come to the front
term-bad-scale = { $source } is { $value }, which is no scale to draw at; 1 is used
term-no-display = There is no display to open a window on. In the terminal: “sockhop listen” or “sockhop connect HOST:PORT”
term-no-window = No window can be opened: { $why }. In the terminal: “sockhop listen” or “sockhop connect HOST:PORT”
term-reach-all = This is on every interface: whoever reaches one of this computer’s addresses can connect. For this computer alone: sockhop listen 127.0.0.1
term-listening = Listening on { $local }, backlog { $backlog }
term-usual-port = No port was given: { $port }
term-hand-out = Others connect to { $address }
term-how-to = Type a line and press Enter to send it; Ctrl-C ends
term-nobody = Nobody is connected: your lines wait for a client
term-accepted = { $peer } connected
term-looking-up = Looking up { $host }
term-connecting = Connecting to { $address }
term-connected = Connected to { $peer }, from { $local }
term-peer-finished = { $peer } finished sending
term-closed = { $peer } closed: { $why }; { $moved }
term-stopped = Stopped; { $clients } { $clients ->
    [one] client
   *[other] clients
}; { $moved }
term-closed-unsent = ; { $lines ->
        [one] 1 line was not sent to it
       *[other] { $lines } lines were not sent to it
    }
term-unsent = { $lines ->
        [one] 1 line of input was not sent
       *[other] { $lines } lines of input were not sent
    }: the other end finished first; --half-open sends them all the same
term-unsent-more = At least { $lines ->
        [one] 1 line of input was not sent
       *[other] { $lines } lines of input were not sent
    }: the other end finished first; --half-open sends them all the same
term-ended = Ended; { $moved }
term-moved = { $messages_in } { $messages_in ->
    [one] message
   *[other] messages
} in ({ $bytes_in } B), { $messages_out } out ({ $bytes_out } B)
term-unmappable = { $encoding } has no “{ $character }”: “?” is sent in its place
term-interface-lan = local network
term-interface-public = everywhere
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
}, { $bytes } B

## The inspector

inspector = Inspector
inspector-fold = Fold the inspector away
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
students-hint = Clients in this window that connect, say something and answer
students-add = Add { $count }
students-remove = Remove simulated students
students-count = Simulated students ({ $count })
student-name = Student { $number }
student-row = { $title }’s own end, { $state }
student-greets = Hello, I am student { $number }
student-answers = Student { $number } got it: { $text }
## Calls

calls-filter = Which sockets
calls-all = All sockets
calls-follow = Follow
calls-follow-hint = Have the newest call in sight
calls-save = Save the diagram
calls-save-svg = Save as SVG…
calls-save-text = Save as text…
calls-none = No calls yet: start the server, or connect to someone
calls-older-gone = Earlier calls are not kept
calls-waited = waited { $time }
calls-waiting = waiting…
calls-more-waiting =
    { $count ->
        [one] 1 more socket waits
       *[other] { $count } more sockets wait
    }
calls-listener = Listening socket fd { $fd }
calls-other-end = other end fd { $fd }
calls-peer-finished = the peer has finished
calls-show-message = Show the message
calls-close-card = Close the explanation

meaning-socket = Makes a socket: the program’s end of a connection, known by its number (fd). It has no address yet and is connected to nobody. AF_INET is IPv4, SOCK_STREAM is TCP.
meaning-reuse-address = Lets the port be taken again at once after the program ends. Without it, bind may fail for a minute with “address already in use”, while old connections are in TIME_WAIT.
meaning-exclusive-address = Keeps the port for this socket alone while it is open. On Windows a port can be taken again at once anyway, and SO_REUSEADDR would let another program take it while somebody listens there; so a server sets this option instead.
meaning-no-delay = Sends small messages at once. Without it the system may wait for more bytes, to fill a packet.
meaning-ipv6-only = Says whether an IPv6 socket takes IPv6 only, or IPv4 as well.
meaning-linger = With 0 seconds, close throws the connection away: unsent bytes are dropped, and the peer gets a reset (RST) in place of an orderly end.
meaning-so-error = Asks how the connect ended that was under way. No error: the three-way handshake is done. Else it is the error that connect would have given.
meaning-bind = Ties the socket to an address and a port. Without a known port nobody finds the server; ports below 1024 are reserved for well-known services.
meaning-listen = The socket begins to listen: from now on clients can connect, and the system does the handshake itself. The backlog is how many finished connections may wait for accept. This socket never carries messages.
meaning-accept = Takes one finished connection out of the accept queue, and waits while there is none. It returns a new socket for this client and the client’s address; the listening socket goes on listening.
meaning-connect = Connects to the server: the system does the three-way handshake. A client needs no bind, the system picks a free port. EINPROGRESS means that this window does not stand still while the handshake is under way.
meaning-getsockname = Asks for this end’s own address and port, such as the port that the system picked.
meaning-recv = Takes bytes that have arrived, at most as many as asked for, and waits while there are none. TCP is a stream: one recv may return part of a message or several. 0 bytes mean that the peer has finished sending.
meaning-send = Hands bytes to the system, which delivers them in order. It returns how many it took; that does not mean that the other program has read them.
meaning-shutdown = Finishes sending (FIN): the peer’s recv returns 0. Receiving goes on; this is called half-close.
meaning-close = Gives this socket back: done with this peer. The other connections and the listening socket are not touched.
meaning-close-listener = Closes the listening socket: no new clients from now on. Clients already accepted have sockets of their own and stay connected.
## The projected window

presenter = Presenter
presenter-leave = Leave the presenter
presenter-connect-to = Connect to
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
packets-inferred = The packets are inferred from calls and states. A filled state was read from the kernel, an outlined one is inferred.
figure-handshake = Handshake
figure-close = Close
opened-by-us = connect() here sent the first SYN
opened-by-peer = connect() at the other end sent the first SYN; accept() returned this end's socket
closed-first-ours = This end finished sending first, at { $time }
closed-first-peer = The other end finished sending first: recv() returned 0 at { $time }
closed-first-both = Both ends closed at the same time, at { $time }
reset-from-ours = This end reset the connection
reset-from-peer = The other end answered with a reset
time-wait-ours = TIME-WAIT is this end's, which closed first: its kernel holds the address pair ({ $seconds } s on Linux)
time-wait-peer = TIME-WAIT is the other end's, which closed first: its kernel holds the address pair ({ $seconds } s on Linux)
socket-table = Sockets of this program
socket-table-asking = Asking the kernel…
socket-table-none = This system does not tell its socket table: { $why }
socket-table-empty = No socket is open
accept-returns-new = accept() returns a new socket for each client. It has the same local port as the listening socket; the remote address tells them apart.
sockets-left-out = { $count } more sockets are not shown; { $most } at most are
port-group = Local port { $port }: { $listening } listening, { $others } more with the same port
port-rest = With a local port of their own
remote-anyone = anyone
not-told = this system does not tell
unread-bytes = unread { $count }
unacknowledged-bytes = unacknowledged { $count }
queue-figure = accept queue { $figure }
queue-not-told = accept queue { $figure }, this system does not tell
queues-count-fin = Unread: bytes in the receive queue. Unacknowledged: bytes in the send queue. SYN and FIN count as one byte each.
socket-listening = listening
socket-accepted = accepted
socket-connected = connected
socket-connecting = connecting
socket-waiting = waits for accept
socket-kernel = held by the kernel
socket-other-end = other end, here too
socket-unknown = other
## The bytes of a message
bytes-none = Nothing sent or received here yet; choose a message to see its bytes
bytes-sent = Sent at { $time }, to { $who }
bytes-received = Received at { $time }, from { $who }
bytes-latest = the latest message
bytes-follow = Show the latest message
bytes-go-to = Show in the conversation
bytes-characters = Characters over their bytes, { $encoding }
bytes-length = length
bytes-length-part = part of a length
bytes-malformed = no character
bytes-unfinished = goes on
bytes-carried = began before
bytes-ending = line ending
bytes-more = Show { $count } more characters
bytes-dump = All bytes in hex
bytes-copy-selected = Copy { $count ->
    [one] the selected byte
   *[other] { $count } selected bytes
}
bytes-unselect = Select nothing
bytes-recvs = Where each recv ended
bytes-sends = Where each send ended
bytes-here = { $count } of this message: { $from } to { $to }
bytes-recv-one = One recv brought this message and nothing else
bytes-recv-together = One recv brought this message together with others: TCP is a stream, and knows no messages
bytes-recv-split = This message came in several recvs: TCP is a stream, and knows no messages
bytes-send-one = One send took this message and nothing else
bytes-send-together = One send took this message together with others
bytes-send-split = The system took this message in several sends
bytes-moves-everyone = Each client got a copy of its own: choose the message in that client’s conversation
bytes-moves-past = The calls of past sessions are not kept
bytes-moves-not-sent = The system has not taken all of it yet
bytes-moves-let-go = The calls that moved it are not in memory any more
bytes-moves-more = Only the first { $count } calls are listed
bytes-read-as = The same bytes in other encodings
bytes-read-beginning = Looked through are the first { $count } bytes
bytes-read-well = no error
bytes-read-badly = { $count ->
    [one] 1 error, at byte { $places }
   *[other] { $count } errors, at bytes { $places }
}
layers = The way down and up
layers-none = The addresses of both ends are shown for the messages of one connection
layers-down = Sent: from the program down to the link, each layer adds its header
layers-up = Received: from the link up to the program, each layer takes its header off
layers-inferred = Inferred, not seen: the sizes of headers (without options), and that one segment carries it all. By Ethernet, a segment carries at most { $most } bytes.
layers-header = header of { $count } bytes
layers-source = from { $value }
layers-destination = to { $value }
layers-message = Message
layers-frame = Frame, by { $name }
layers-frame-note = Ethernet or Wi-Fi, with the hardware addresses of this computer and the next device
layers-virtual = A virtual interface: a tunnel, container or virtual machine
layers-frame-unknown = Frame
layers-frame-gone = No interface has our address of this connection now
layers-loopback = Loopback { $name }
layers-no-frame = Both ends are on this computer: there is no Ethernet frame
layers-no-cable = none: it stays in memory
layers-cable = cable or radio
layers-unknown = unknown
layers-encoding = { $name } text
layers-framing = message boundary: { $name }
layers-osi = OSI
layers-four = TCP/IP
layers-here = Here
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
lab-look = See { $tab }
lab-impossible = There is no connection or server for this now: go back, or restart the lab
lab-stops-server = { $count ->
    [one] One client is connected to your server. The lab needs the server to stop; it starts again afterwards, and the client stays connected.
   *[other] { $count } clients are connected to your server. The lab needs the server to stop; it starts again afterwards, and the clients stay connected.
}
lab-stop-and-begin = Stop the server and begin
lab-damaged = The lab { $file } can’t be used: line { $line }: { $why }
lab-damaged-todo = The other labs are not affected
## Files

export = Export…
export-off = The history is off: nothing of new conversations is kept to export
export-opening = The history is being opened
history-menu = More for the history
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
        *[other] Recording to { $name }, { $shown } bytes
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
file-jsonl-hint = Everything there is to know; can be imported again
file-raw-hint = The bytes received, as they came, and nothing else
file-import-hint = A file that was exported as JSON Lines
file-record-hint = The bytes received from now on, as they come, until the connection ends
file-save-hint = Text, UTF-8
file-empty = Type a name for the file
file-no-folder = There is no folder { $folder }
file-is-folder = This is a folder: type the name of a file in it
file-no-file = There is no such file
file-exists = { $name } is there already, and would be lost
file-endings = { $title } (.txt, .csv, .jsonl or .bin)
file-all = All files
file-no-dialog = This system has no file dialog, so type the folder and the name
file-dialog-not-shown = The system's file dialog did not open, so type the folder and the name
file-dialog-busy = The system's file dialog is open for another file, so type the folder and the name
file-not-written = { $path } could not be written: { $why }
file-not-written-todo = Choose another folder, or make room on the disk
import-failed = { $path } could not be taken in: { $why }
import-bad-line = Line { $line } of { $path } could not be taken in: { $why }
import-bad-line-todo = Nothing of the file was taken in; it has to be one that was exported as JSON Lines
nothing-kept = This conversation is not in the history
nothing-kept-todo = It was held while the history was off
history-closed = The history is not open: nothing was done
not-recorded = { $path } could not be written: { $why }
not-recorded-todo = Recording has stopped; what was written before is there
recording-waits = { $name } takes nothing at present: this connection is not read meanwhile
recording-cut-short =
    { $count ->
         [one] { $path } took nothing: the last byte received is not in it
        *[other] { $path } took nothing: the last { $shown } bytes received are not in it
    }
too-many-recordings = No more than { $most } connections are recorded at once
too-many-recordings-todo = Stop another recording first
task-export = Exporting to { $name }
task-import = Importing { $name }
task-remove = Deleting messages
task-remove-old = Deleting old messages
task-messages = { $done } messages
task-messages-of = { $done } of { $of } messages
task-kib-of = { $done } of { $of } KiB
told-exported =
    { $count ->
         [one] 1 message exported to { $path }
        *[other] { $shown } messages exported to { $path }
    }
told-imported =
    { $count ->
         [one] 1 message
        *[other] { $shown } messages
    } in { $sessions ->
         [one] 1 conversation
        *[other] { $sessions } conversations
    } imported
told-known =
    { $known ->
         [one] (1 conversation was here already)
        *[other] ({ $known } conversations were here already)
    }
told-removed =
    { $count ->
         [one] 1 message deleted for good
        *[other] { $shown } messages deleted for good
    }
told-removed-old =
    { $count ->
         [one] 1 old message deleted for good
        *[other] { $shown } old messages deleted for good
    }
told-traces = (traces of them in the file are removed when less is to be written)
told-cancelled = Called off
told-saved = Saved to { $path }
told-recorded =
    { $count ->
         [one] 1 byte recorded to { $path }
        *[other] { $shown } bytes recorded to { $path }
    }
remove-after = Delete messages after
remove-after-never = Never
remove-after-day = 1 day
remove-after-week = 1 week
remove-after-month = 1 month
remove-after-year = 1 year
remove-after-never-hint = Messages stay until you delete them
remove-after-hint = Older ones are deleted for good at each start of Sockhop, and once a day
remove-old-now = Delete older ones now…
remove-old-sure = Delete older ones for good
save-all = Save…

## Step by step
step-by-step = Step by step
step-by-step-hint = Each call waits for you: nothing happens on its own
step-next = Next: { $call }
step-waits = Waiting in { $call }
step-others = Other calls
step-keys = { $key } or Space
key-next-step = Next call, step by step
step-listening-socket = Listening socket
step-try = Try { $call }
step-try-conn = Try { $call } on the connection
step-go-on = Go on by itself
state-not-connected = Not connected yet
step-needs-ip = Step by step connects to an IP address: there is no name look-up
step-does-socket = Makes a socket; nobody can reach it yet
step-does-reuse = Sets SO_REUSEADDR: the port can be taken again right after the program ends
step-does-exclusive = Sets SO_EXCLUSIVEADDRUSE: while the server has the port, no other program can take it
step-does-bind = Ties the socket to { $address }, so that clients can find it
step-does-listen = Starts listening with backlog { $backlog }: from here on clients get into the accept queue
step-does-accept = Takes the first client from the accept queue and returns a new socket for it
step-does-accept-waiting =
    { $count ->
         [one] 1 client is in the accept queue: takes it and returns a new socket for it
        *[other] { $count } clients are in the accept queue: takes the first and returns a new socket for it
    }
step-does-accept-nobody = The accept queue is empty: it will wait for a client
step-waits-accept = It returns when a client connects
step-does-close-listener = Closes the listening socket; its clients stay connected
step-does-socket-client = Makes a socket; it is not connected to anything yet
step-does-connect = Starts the three-way handshake with { $address } and waits for the answer
step-waits-connect = It returns when the other side answers
step-does-recv = Takes up to { $bytes } bytes that have arrived; waits if there are none
step-waits-recv = It returns when bytes arrive or the peer finishes
step-does-send = Hands the message that waits to the kernel
step-waits-send = It returns when the kernel has room again
step-does-close = Ends this connection: the peer’s recv returns 0
## This computer's network
network = This computer’s network
network-close = Close the network
network-this = This computer
network-this-hint = An IP address finds the machine. Each interface has its own
network-none = No address that others could use: this computer is not on a network
network-others-use = Others use this one
network-lan = Local network: others on it connect here
network-public = Public address: reached from everywhere, unless a firewall stands between
network-virtual = Virtual: for containers, virtual machines or a tunnel
network-link-local = Link-local, given by itself: same cable or Wi-Fi only
network-loopback = Loopback: this computer only, it talks to itself
network-ping = Ping
network-ping-hint = Asks another computer to answer, once a second: is it there, and how long is the way there and back?
network-ping-what = Address or name to ping
network-ping-start = Start
network-ping-stop = Stop
network-pinging = Pinging { $to }
network-pinged = Pinged { $to }
network-ping-waits = Waiting for the first answer…
network-ping-silence = No answer does not prove that nobody is there: many computers and firewalls do not answer ping
network-answered = { $count } answered
network-lost = { $count } lost ({ $percent } %)
network-least = shortest { $ms } ms
network-mean = mean { $ms } ms
network-most = longest { $ms } ms
network-plot =
    Round-trip time over the number of the question; { $seconds ->
        [one] one a second
       *[other] one every { $seconds } seconds
    }; ✗ is one without an answer
network-ping-missing = There is no ping program on this computer
network-ping-other = The ping program on this computer is not one that Sockhop can read
network-ping-install = Install iputils-ping (Debian, Ubuntu: sudo apt install iputils-ping; Fedora: sudo dnf install iputils)
network-ping-failed = Ping ended: { $words }
network-empty = Type an address or a name, for example 192.168.1.20
network-dash = Neither an address nor a name begins with “-”
network-character = “{ $character }” is in no address and in no name
network-too-long = Longer than any name
network-try = Try a port
network-try-hint = A port finds the program. Connects to it, and closes the connection at once
network-try-host = Address or name to try
network-try-port = Port to try
network-try-button = Try
network-trying = Trying { $to }…
network-open = { $at } is open ({ $ms } ms)
network-open-means = A program listens there: the connection was made, and closed again. A client can connect.
network-refused = { $at } refused ({ $ms } ms)
network-refused-means = The computer is there and answered, but no program listens on this port. Start the server first, and check its port.
network-no-answer = No answer from { $at } in { $seconds } seconds
network-no-answer-means = Nothing came back. The address is wrong, the computer is off, or a firewall drops the packets without a word.
network-unreachable-means = No way leads there from this computer. Check that both are on the same network, and the address.
network-name-means = The name could not be turned into an address. Check the spelling and the network, or type the IP address.
network-failed = { $at } could not be tried
network-failed-means = The system refused to try: a firewall or security program may be in the way.
network-ports = Ports this computer listens on
network-ports-hint = 0 to 1023 are well known, for services such as http (80), https (443) and ssh (22); 1024 to 65535 are for your own programs
network-filter = Filter by port, address or program
network-filter-none = No listening port has this
network-refresh = Look again
network-ports-wait = Looking…
network-ports-failed = The system does not tell: { $words }
network-ports-none = No program listens on a TCP port
network-service = Known as
network-program = Program
network-all-interfaces = all interfaces
network-only-here = this computer only
network-ours = { $name } (this window)
network-not-told = not told
network-not-told-hint = Not told: a program of another user or container; the administrator sees more
## Reading back
transcript-bar = Scroll bar
part-before = Part before
part-next = Next part
part-of = Part { $part } of { $parts }

## Programs for the other end
code-language = Language
code-client = A client for { $address }
code-server = A server at { $address }
code-not-listening = The server is not listening yet: start it first
code-no-host = “{ $host }” is no host name: no program is written for it
code-no-port = The system chooses the port: start the server, and a client for it is written here
code-port-ours = Sockhop itself listens on this port: stop its server before this one is started on this computer
code-copy = Copy the program
code-save = Save the program…
code-run = To run it: { $command }
code-run-nc = For the terminal of Linux and macOS; on Windows, ncat of nmap does much the same
code-listening = Listening on
code-as-bytes = “{ $text }” in { $encoding }, which Rust’s standard library does not know: what comes is printed as bytes too
code-typed-lines = Type a line and press Enter to send it; Ctrl+C ends
code-typed-after = Sends “{ $text }”, then what is typed, as it is; Ctrl+C ends
code-shown-late = iconv shows what came when the connection ends
