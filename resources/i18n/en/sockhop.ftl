app-name = Sockhop

### Terminal and errors

# What failed: { $what } is one of the sentences below, { $call } the socket call, { $errno } its name and number.
error-line = { $what } – { $call }: { $errno }
error-line-ours = { $what } – { $call }

error-address-in-use = { $target } is already in use
error-address-in-use-todo = Choose another port or end the program that uses this one; if it has just ended, turn on “reuse address”
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
error-timed-out-todo = The address is wrong, it is in another network, or a firewall drops the packets: check the address, try ping
error-unreachable = No way leads to { $target }
error-unreachable-todo = Check that this machine is on the network, and the address
error-unreachable-todo-list = Check that this machine is on the same network; its addresses are { $addresses }
error-name-not-found = No address is known for the name { $name }
error-name-not-found-todo = Check the spelling and the network, or type the IP address instead
error-reset = { $target } reset the connection
error-reset-todo = The program there ended abruptly, or closed without reading everything: connect again
error-gave-up = A client gave up before it was accepted
error-too-many-files = Too many open files
error-too-many-files-todo = Close some connections, or raise the limit (ulimit -n)
error-not-reading = { $target } is not reading: { $mib } MiB wait for it already
error-not-reading-todo = Wait until the program there reads, or close the connection
error-ended-before-sent = The connection ended before everything was sent
error-connect-again-todo = Connect again
error-write-finished = Sending is already finished on this connection
error-write-finished-todo = Make a new connection to send more
error-no-such-socket = This connection is no more
error-out-of-order = { $call } is not possible at this point
error-out-of-order-todo = The order is socket, bind, listen, accept
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
term-no-display-listen = No window can be opened here: going on as “sockhop listen”
term-no-display-connect = No window can be opened here: going on as “sockhop connect { $peer }”
term-listening = Listening on { $local }, backlog { $backlog }
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
