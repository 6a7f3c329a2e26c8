# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_sockhop_global_optspecs
    string join \n listen= connect= data-dir= lang= frame-log= lan-port= beacon-port= tls-keys= h/help V/version
end

function __fish_sockhop_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_sockhop_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_sockhop_using_subcommand
    set -l cmd (__fish_sockhop_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c sockhop -n "__fish_sockhop_needs_command" -l listen -d 'Listen as soon as the window is open' -r
complete -c sockhop -n "__fish_sockhop_needs_command" -l connect -d 'Connect as soon as the window is open' -r
complete -c sockhop -n "__fish_sockhop_needs_command" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_needs_command" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_needs_command" -l frame-log -d 'Write one CSV row for each frame of the window to this file' -r -F
complete -c sockhop -n "__fish_sockhop_needs_command" -l lan-port -d 'TCP port where encrypted links are taken; any free one if it is in use' -r
complete -c sockhop -n "__fish_sockhop_needs_command" -l beacon-port -d 'UDP port of beacons; only those with the same one find each other' -r
complete -c sockhop -n "__fish_sockhop_needs_command" -l tls-keys -d 'Write the secrets of encrypted links to this file, for Wireshark: anyone who has it can read them' -r -F
complete -c sockhop -n "__fish_sockhop_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_needs_command" -s V -l version -d 'Print version'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "listen" -d 'Wait for clients, in the terminal; each line typed goes to all of them'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "connect" -d 'Connect to a server, in the terminal; each line typed goes to it'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "interfaces" -d 'List this computer’s addresses'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "history" -d 'List, search or export kept conversations, also while a window is open'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "nearby" -d 'List the Sockhops on this network'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "lan" -d 'Be seen on this network, in the terminal; lines typed as “NAME: text” go to that person, encrypted'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "say" -d 'Write one message to a person on this network and wait until it is delivered; exit status 1 if it is not'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "verify" -d 'Compare six digits with a person on this network'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l group -d 'Join this multicast group: ADDRESS, or ADDRESS%INTERFACE' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l backlog -d 'Connections that the system may hold before they are accepted; 5 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l max-clients -d 'Clients at once; 1024 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l allow -d 'Let only these connect: ADDRESS or ADDRESS/BITS, again and again, or @FILE with one on each line' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l deny -d 'Do not let these connect, even if they are allowed: as with --allow' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l framing -d 'Where a received message ends; by default at the end of a line' -r -f -a "line\t''
cr\t''
chunk\t''
length\t''
quiet\t''"
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l delimiter -d 'A message ends with this text, received and sent; \\r, \\n, \\x03 and the like are read as in a program' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l fixed -d 'Each message received has so many bytes' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l prefix -d 'A length of so many bytes is before each message, received and sent' -r -f -a "1\t''
2\t''
4\t''"
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l prefix-order -d 'The order of the bytes of --prefix; big by default' -r -f -a "big\t'The highest first, as in the headers of TCP/IP'
little\t'The lowest first'"
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l prefix-offset -d 'So many bytes of the message are before the length of --prefix' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l quiet-ms -d 'After so many milliseconds without a byte a tail is shown, or with --framing quiet a message ends; 200 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l encoding -d 'Encoding of text, sent and received: UTF-8 (the default), GBK, GB18030, Big5, …' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l line-ending -d 'What is added to each line sent; LF by default' -r -f -a "none\t'Nothing'
lf\t'`\\n`'
crlf\t'`\\r\\n`'
cr\t'`\\r`'"
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l recv-size -d 'Bytes asked of each recv; 4096 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l reply -d 'Answer each message with this text' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l delay -d 'Wait so many milliseconds after each line before the next is sent' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l idle -d 'End a conversation over which nothing has come or gone for this long' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l keepalive -d 'Ask whether the peer’s system is still there after this long without a word from it; after a quarter of --peer-timeout by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l peer-timeout -d 'Give a connection up when the peer’s system has answered nothing for this long, 3 to 86400 seconds; 60 by default, 0 leaves it to this system' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -s o -l output -d 'Write all that is sent and received to this file too, as it is on the wire' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -s x -l hex-dump -d 'Write all that is sent and received to this file too, as hex and text, with times' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l udp -d 'Over UDP: each line is a datagram, as it is, and each address that is heard a conversation; with --json the events are bound, ready, `has_port`, heard, dropped and ended instead of those of connections'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l once -d 'Serve one client, then end: with status 0, or 1 if the connection was reset'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l relay -d 'Send what a client says to all other clients: a room to chat in. A line that lacks its ending gets one; with --raw all stays as it is'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l relay-names -d 'As --relay, each message with the address of who said it before it'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l settings -d 'What is not given here comes from the window’s saved settings, not from the defaults'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l raw -d 'Pass bytes on as they are, like a pipe: standard input goes out unchanged, and what comes goes to standard output, which has nothing else'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l prefix-self -d 'The length of --prefix counts all of the message, itself too'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l echo -d 'Answer each message with itself'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l no-reply -d 'Answer nothing, whatever --settings says'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l half-open -d 'Keep this end open when the peer finishes sending'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l send-only -d 'Only send: what comes is read and thrown away, and the connection is closed once standard input has been sent'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l receive-only -d 'Only receive: standard input is not read'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l json -d 'Print one JSON object a line'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l bind -d 'Connect from this address and port, or only from this port' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l connect-timeout -d 'Give connecting up after this long, the look-up included; 10 after the look-up by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l framing -d 'Where a received message ends; by default at the end of a line' -r -f -a "line\t''
cr\t''
chunk\t''
length\t''
quiet\t''"
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l delimiter -d 'A message ends with this text, received and sent; \\r, \\n, \\x03 and the like are read as in a program' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l fixed -d 'Each message received has so many bytes' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l prefix -d 'A length of so many bytes is before each message, received and sent' -r -f -a "1\t''
2\t''
4\t''"
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l prefix-order -d 'The order of the bytes of --prefix; big by default' -r -f -a "big\t'The highest first, as in the headers of TCP/IP'
little\t'The lowest first'"
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l prefix-offset -d 'So many bytes of the message are before the length of --prefix' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l quiet-ms -d 'After so many milliseconds without a byte a tail is shown, or with --framing quiet a message ends; 200 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l encoding -d 'Encoding of text, sent and received: UTF-8 (the default), GBK, GB18030, Big5, …' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l line-ending -d 'What is added to each line sent; LF by default' -r -f -a "none\t'Nothing'
lf\t'`\\n`'
crlf\t'`\\r\\n`'
cr\t'`\\r`'"
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l recv-size -d 'Bytes asked of each recv; 4096 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l reply -d 'Answer each message with this text' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l delay -d 'Wait so many milliseconds after each line before the next is sent' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l idle -d 'End a conversation over which nothing has come or gone for this long' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l keepalive -d 'Ask whether the peer’s system is still there after this long without a word from it; after a quarter of --peer-timeout by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l peer-timeout -d 'Give a connection up when the peer’s system has answered nothing for this long, 3 to 86400 seconds; 60 by default, 0 leaves it to this system' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -s o -l output -d 'Write all that is sent and received to this file too, as it is on the wire' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -s x -l hex-dump -d 'Write all that is sent and received to this file too, as hex and text, with times' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l udp -d 'Over UDP: each line is a datagram, as it is, and each address that is heard a conversation; with --json the events are bound, ready, `has_port`, heard, dropped and ended instead of those of connections'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l reconnect -d 'Connect again when the connection cannot be made or ends, after 1 second and then ever later, up to 30'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l probe -d 'Only try to connect: exit status 0 if a program listens there, else 1'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l settings -d 'What is not given here comes from the window’s saved settings, not from the defaults'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l raw -d 'Pass bytes on as they are, like a pipe: standard input goes out unchanged, and what comes goes to standard output, which has nothing else'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l prefix-self -d 'The length of --prefix counts all of the message, itself too'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l echo -d 'Answer each message with itself'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l no-reply -d 'Answer nothing, whatever --settings says'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l half-open -d 'Keep this end open when the peer finishes sending'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l send-only -d 'Only send: what comes is read and thrown away, and the connection is closed once standard input has been sent'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l receive-only -d 'Only receive: standard input is not read'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l json -d 'Print one JSON object a line'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand interfaces" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand interfaces" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand interfaces" -l json -d 'Print one JSON object a line'
complete -c sockhop -n "__fish_sockhop_using_subcommand interfaces" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and not __fish_seen_subcommand_from list search export help" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and not __fish_seen_subcommand_from list search export help" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and not __fish_seen_subcommand_from list search export help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and not __fish_seen_subcommand_from list search export help" -f -a "list" -d 'List conversations, the one opened last first'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and not __fish_seen_subcommand_from list search export help" -f -a "search" -d 'Find messages with this text, the newest first; exit status 1 if there is none'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and not __fish_seen_subcommand_from list search export help" -f -a "export" -d 'Write messages to a file or to standard output'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and not __fish_seen_subcommand_from list search export help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from list" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from list" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object a line'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from search" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from search" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from search" -l json -d 'Print one JSON object a line'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from export" -l format -d 'text for reading, csv for a spreadsheet, jsonl to import again, raw for the bytes received' -r -f -a "text\t''
csv\t''
jsonl\t''
raw\t''"
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from export" -s o -l output -d 'Write to this file, whole or not at all; what is there is replaced' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from export" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from export" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "list" -d 'List conversations, the one opened last first'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "search" -d 'Find messages with this text, the newest first; exit status 1 if there is none'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write messages to a file or to standard output'
complete -c sockhop -n "__fish_sockhop_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sockhop -n "__fish_sockhop_using_subcommand nearby" -l seconds -d 'How long to look, in seconds' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand nearby" -l lan-port -d 'TCP port where encrypted links are taken; any free one if it is in use' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand nearby" -l beacon-port -d 'UDP port of beacons; only those with the same one find each other' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand nearby" -l tls-keys -d 'Write the secrets of encrypted links to this file, for Wireshark: anyone who has it can read them' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand nearby" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand nearby" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand nearby" -l json -d 'Print one JSON object a line'
complete -c sockhop -n "__fish_sockhop_using_subcommand nearby" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand lan" -l name -d 'What others see; this computer’s name by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand lan" -l lan-port -d 'TCP port where encrypted links are taken; any free one if it is in use' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand lan" -l beacon-port -d 'UDP port of beacons; only those with the same one find each other' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand lan" -l tls-keys -d 'Write the secrets of encrypted links to this file, for Wireshark: anyone who has it can read them' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand lan" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand lan" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand lan" -l json -d 'Print one JSON object a line'
complete -c sockhop -n "__fish_sockhop_using_subcommand lan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand say" -l wait -d 'How long to wait until it is delivered, in seconds' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand say" -l lan-port -d 'TCP port where encrypted links are taken; any free one if it is in use' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand say" -l beacon-port -d 'UDP port of beacons; only those with the same one find each other' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand say" -l tls-keys -d 'Write the secrets of encrypted links to this file, for Wireshark: anyone who has it can read them' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand say" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand say" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand say" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand verify" -l lan-port -d 'TCP port where encrypted links are taken; any free one if it is in use' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand verify" -l beacon-port -d 'UDP port of beacons; only those with the same one find each other' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand verify" -l tls-keys -d 'Write the secrets of encrypted links to this file, for Wireshark: anyone who has it can read them' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand verify" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand verify" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history nearby lan say verify help" -f -a "listen" -d 'Wait for clients, in the terminal; each line typed goes to all of them'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history nearby lan say verify help" -f -a "connect" -d 'Connect to a server, in the terminal; each line typed goes to it'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history nearby lan say verify help" -f -a "interfaces" -d 'List this computer’s addresses'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history nearby lan say verify help" -f -a "history" -d 'List, search or export kept conversations, also while a window is open'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history nearby lan say verify help" -f -a "nearby" -d 'List the Sockhops on this network'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history nearby lan say verify help" -f -a "lan" -d 'Be seen on this network, in the terminal; lines typed as “NAME: text” go to that person, encrypted'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history nearby lan say verify help" -f -a "say" -d 'Write one message to a person on this network and wait until it is delivered; exit status 1 if it is not'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history nearby lan say verify help" -f -a "verify" -d 'Compare six digits with a person on this network'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history nearby lan say verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "list" -d 'List conversations, the one opened last first'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "search" -d 'Find messages with this text, the newest first; exit status 1 if there is none'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "export" -d 'Write messages to a file or to standard output'
