module getting-started

go 1.25
