module example.com/copier

go 1.26
