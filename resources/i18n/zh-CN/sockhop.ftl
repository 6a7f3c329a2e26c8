app-name = 插话
