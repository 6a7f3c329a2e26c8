app-name = Sockhop
