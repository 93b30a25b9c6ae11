package fn

import (
	"errors"

	"bench/env"
)

func CloseJoin(d *env.Dir, i int) (int, error) {
	src := d.Open(0)
	dst := d.Open(1)
	sum := src.Read(i) + dst.Read(i)
	err := errors.Join(nil, dst.Close())
	err = errors.Join(err, src.Close())
	return sum, err
}
