package fn

import (
	"errors"

	"bench/env"
)

func CloseJoin(d *env.Dir, i int) (sum int, err error) {
	src := d.Open(0)
	defer func() { err = errors.Join(err, src.Close()) }()
	dst := d.Open(1)
	defer func() { err = errors.Join(err, dst.Close()) }()
	return src.Read(i) + dst.Read(i), nil
}
