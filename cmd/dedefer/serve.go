package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/dedefer/dedefer/internal/report"
	"github.com/dedefer/dedefer/internal/serve"
	"github.com/dedefer/dedefer/rewrite"
)

func (a *app) serveCommand(ctx context.Context, args []string) error {
	f := newFlags("serve")
	addr := f.Set.String("http", "127.0.0.1:0", "")
	run := f.Set.Bool("run", false, "")
	patterns, err := f.parse(args)
	if err != nil {
		return err
	}
	if err := f.chdir(); err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	s := &serve.Server{Dir: dir, Run: *run}
	if s.Report, err = a.liveReport(ctx, f, patterns); err != nil {
		return err
	}
	l, err := serve.Listen(*addr)
	if err != nil {
		return usageErrorf("-http %v", err)
	}
	a.progress.stop()
	fmt.Fprintf(a.stdout, "http://%s/\n", l.Addr())
	if b, ok := a.stdout.(*bufio.Writer); ok {
		b.Flush() // an error shows when all is written
	}
	return s.Serve(ctx, l)
}

// liveReport returns what makes the page of the packages; nil where there are none,
// and none were asked for.
func (a *app) liveReport(ctx context.Context, f *loadFlags, patterns []string) (*serve.Report, error) {
	named := len(patterns) > 0
	if !named {
		patterns = []string{"./..."}
	}
	opts, err := f.options(ctx)
	if err != nil {
		return nil, err
	}
	opts.Foreign = named
	var usage *rewrite.UsageError
	switch _, err := rewrite.Load(ctx, opts, patterns...); {
	case !errors.As(err, &usage):
	case named:
		return nil, err
	default:
		return nil, nil
	}
	quiet := *a // what is wrong is on the page
	quiet.stderr, quiet.progress = io.Discard, nil
	return &serve.Report{Make: func(ctx context.Context) (*report.Page, []string, error) {
		opts, err := f.options(ctx)
		if err != nil {
			return nil, nil, err
		}
		opts.Foreign = true
		prog, err := rewrite.Load(ctx, opts, patterns...)
		if err != nil {
			return nil, nil, err
		}
		watch := append(prog.Dirs, prog.Files...)
		for _, m := range prog.Modules {
			watch = append(watch, m.GoMod)
		}
		page, left, err := quiet.page(ctx, f, patterns)
		if err == nil {
			err = left
		}
		return page, watch, err
	}}, nil
}
