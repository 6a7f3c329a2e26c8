# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_sockhop_global_optspecs
    string join \n listen= connect= data-dir= lang= frame-log= h/help V/version
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
complete -c sockhop -n "__fish_sockhop_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_needs_command" -s V -l version -d 'Print version'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "listen" -d 'Wait for clients, in the terminal; each line typed goes to all of them'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "connect" -d 'Connect to a server, in the terminal; each line typed goes to it'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "interfaces" -d 'List this computer’s addresses'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "history" -d 'List, search or export kept conversations, also while a window is open'
complete -c sockhop -n "__fish_sockhop_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l backlog -d 'Connections that the system may hold before they are accepted; 5 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l max-clients -d 'Clients at once; 1024 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l framing -d 'Where a received message ends; by default at the end of a line' -r -f -a "line\t''
chunk\t''
length\t''"
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l encoding -d 'Encoding of text, sent and received: UTF-8 (the default), GBK, GB18030, Big5, …' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l line-ending -d 'What is added to each line sent; LF by default' -r -f -a "none\t'Nothing'
lf\t'`\\n`'
crlf\t'`\\r\\n`'"
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l recv-size -d 'Bytes asked of each recv; 4096 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l reply -d 'Answer each message with this text' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l peer-timeout -d 'Give a connection up when the peer’s system has answered nothing for this long, 3 to 86400 seconds; 60 by default, 0 leaves it to this system' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l settings -d 'What is not given here comes from the window’s saved settings, not from the defaults'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l echo -d 'Answer each message with itself'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l half-open -d 'Keep this end open when the peer finishes sending'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -l json -d 'Print one JSON object a line'
complete -c sockhop -n "__fish_sockhop_using_subcommand listen" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l framing -d 'Where a received message ends; by default at the end of a line' -r -f -a "line\t''
chunk\t''
length\t''"
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l encoding -d 'Encoding of text, sent and received: UTF-8 (the default), GBK, GB18030, Big5, …' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l line-ending -d 'What is added to each line sent; LF by default' -r -f -a "none\t'Nothing'
lf\t'`\\n`'
crlf\t'`\\r\\n`'"
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l recv-size -d 'Bytes asked of each recv; 4096 by default' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l reply -d 'Answer each message with this text' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l peer-timeout -d 'Give a connection up when the peer’s system has answered nothing for this long, 3 to 86400 seconds; 60 by default, 0 leaves it to this system' -r
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l data-dir -d 'Keep settings, history and log in this folder' -r -F
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l lang -d 'Language of the window and of the terminal' -r -f -a "en\t'English'
zh-CN\t'Simplified Chinese'"
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l settings -d 'What is not given here comes from the window’s saved settings, not from the defaults'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l echo -d 'Answer each message with itself'
complete -c sockhop -n "__fish_sockhop_using_subcommand connect" -l half-open -d 'Keep this end open when the peer finishes sending'
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
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history help" -f -a "listen" -d 'Wait for clients, in the terminal; each line typed goes to all of them'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history help" -f -a "connect" -d 'Connect to a server, in the terminal; each line typed goes to it'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history help" -f -a "interfaces" -d 'List this computer’s addresses'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history help" -f -a "history" -d 'List, search or export kept conversations, also while a window is open'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and not __fish_seen_subcommand_from listen connect interfaces history help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "list" -d 'List conversations, the one opened last first'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "search" -d 'Find messages with this text, the newest first; exit status 1 if there is none'
complete -c sockhop -n "__fish_sockhop_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "export" -d 'Write messages to a file or to standard output'
