app-name = 插话

### Terminal and errors

# What failed: { $what } is one of the sentences below, { $call } the socket call, { $errno } its name and number.
error-line = { $what } – { $call }：{ $errno }
error-line-ours = { $what } – { $call }

error-address-in-use = { $target } 已被占用
error-address-in-use-todo = 换一个端口，或结束占用它的程序；如果那个程序刚刚结束，请打开“地址复用”
error-address-in-use-todo-owner = { $name }（进程 { $pid }）正在监听这个端口：结束它，或换一个端口
error-address-in-use-todo-self = 本插话程序已经在监听这个端口：先停止那个服务器，或换一个端口
error-no-port-left = 本机没有空闲端口可用于新的连接
error-no-port-left-todo = 关闭一些连接，或等一分钟再试
error-address-not-here = { $ip } 不是本机的地址
error-address-not-here-todo = 监听 0.0.0.0，就可以通过本机的任一地址连接
error-address-not-here-todo-list = 本机的地址有 { $addresses }；监听 0.0.0.0 则全部可用
error-cannot-connect-to = { $target } 不是可以连接的地址
error-cannot-connect-to-todo = 检查地址；端口 0 不能连接
error-low-port = { $target }：1024 以下的端口需要管理员权限
error-low-port-todo = 请选用 1024 到 65535 之间的端口
error-not-permitted = 系统不允许使用 { $target }
error-not-permitted-todo = 可能被防火墙或安全软件拦截：请在其中放行插话
error-refused = { $target } 上没有程序在监听
error-refused-todo = 先启动服务器，再检查地址和端口
error-timed-out = { $target } 没有应答
error-timed-out-limit = { $target } 在 { $seconds } 秒内没有应答
error-timed-out-todo = 地址写错、不在同一网络，或被防火墙拦截：检查地址，用 ping 试一试
error-unreachable = 没有通往 { $target } 的路由
error-unreachable-todo = 检查本机是否已联网，以及地址是否正确
error-unreachable-todo-list = 检查本机是否在同一网络；本机的地址有 { $addresses }
error-name-not-found = 找不到主机名 { $name } 对应的地址
error-name-not-found-todo = 检查拼写和网络，或直接输入 IP 地址
error-reset = { $target } 重置了连接
error-reset-todo = 对方程序异常结束，或没有读完数据就关闭了：请重新连接
error-gave-up = 有客户端在被接受之前放弃了连接
error-too-many-files = 打开的文件太多
error-too-many-files-todo = 关闭一些连接，或提高上限（ulimit -n）
error-not-reading = { $target } 没有接收数据：已有 { $mib } MiB 在等待发送
error-not-reading-todo = 等对方程序接收，或关闭连接
error-ended-before-sent = 数据还没发完，连接就结束了
error-connect-again-todo = 请重新连接
error-write-finished = 这个连接已经结束发送
error-write-finished-todo = 要继续发送，请建立新的连接
error-no-such-socket = 这个连接已不存在
error-out-of-order = 现在还不能调用 { $call }
error-out-of-order-todo = 顺序是 socket、bind、listen、accept
error-prefix-too-long = 长度前缀表示有 { $bytes } 字节，最多只能是 { $mib } MiB
error-prefix-too-long-todo = 对方可能没有发送长度前缀：请改用“按行”或“按块”分帧
error-too-many-clients = 已拒绝 { $target }：最多同时连接 { $most } 个客户端
error-too-many-clients-todo = 提高客户端上限，或关闭一些连接
error-cancelled = 已取消连接 { $target }
error-other = { $target } { $words }

close-by-us = 本方关闭
close-orderly = 双方都已发送完毕
close-reset-by-us = 本方重置
close-quit = 插话已退出
