package fn

import (
	"fmt"

	"bench/env"
)

func Recover(i int) (v int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("recovered: %v", r)
		}
	}()
	return env.Work(i), nil
}
