module example.com/baro

go 1.25
