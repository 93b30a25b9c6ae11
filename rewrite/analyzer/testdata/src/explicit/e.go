package explicit // want package:"2 functions"

import "sync"

var mu sync.Mutex
var m = map[string]int{}

func get(k string) int { // want `the defer statements of get can be explicit calls`
	mu.Lock()
	defer mu.Unlock()
	return m[k]
}

func none() {}
