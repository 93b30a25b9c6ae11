package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dedefer/dedefer/internal/output"
	"github.com/dedefer/dedefer/rewrite"
)

// rewriteOthers rewrites what the packages matched by patterns need of other
// modules, or with std of the standard library: each package by itself, as nothing
// may be added to what it imports. dirs has the packages by their import paths.
func (a *app) rewriteOthers(ctx context.Context, opts rewrite.Options, std bool, patterns []string) (dirs map[string]string, prog *rewrite.Program, res *rewrite.Result, err error) {
	a.progress.stage("loading")
	if dirs, err = rewrite.Dependencies(ctx, opts, std, patterns...); err != nil || len(dirs) == 0 {
		return nil, &rewrite.Program{}, &rewrite.Result{}, err
	}
	opts.Foreign, opts.Private, opts.Tests, opts.NoHeap = true, true, false, false
	if prog, err = a.loadProgram(ctx, opts, slices.Sorted(maps.Keys(dirs))); err != nil {
		return nil, nil, nil, err
	}
	if res, err = a.rewriteLoaded(ctx, prog, opts); err != nil {
		return nil, nil, nil, err
	}
	if n := len(res.Report.Losses); n > 0 {
		where := "other modules"
		if std {
			where = "the standard library"
		}
		a.note(fmt.Sprintf("-unwind=none changes %s in packages of %s ('dedefer explain -unwind=none' with their paths tells which)", count(n, "place"), where))
	}
	return dirs, prog, res, nil
}

// vendored is rewrite -deps: it adds to c a vendor directory whose packages are
// rewritten. The directory that it is made in is to be removed.
func (a *app) vendored(ctx context.Context, opts rewrite.Options, patterns []string, c *output.Copy) (temp string, err error) {
	setup, err := rewrite.NewSetup(ctx, opts)
	if err != nil {
		return "", err
	}
	if setup.GoWork != "" && setup.GoWork != "off" {
		return "", usageErrorf("-deps makes the vendor directory of one module, and %s makes this a workspace: set GOWORK=off", a.short(setup.GoWork))
	}
	dirs, prog, res, err := a.rewriteOthers(ctx, opts, false, patterns)
	if err != nil || len(dirs) == 0 {
		return "", err
	}
	if err := leftBehind(&job{[]*rewrite.Program{prog}, res}); err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(c.Module.Dir, "vendor", "modules.txt")); err != nil {
		if temp, err = os.MkdirTemp("", "dedefer"); err != nil {
			return "", err
		}
		c.Vendor = filepath.Join(temp, "vendor")
		a.progress.stage("vendoring")
		if _, err := setup.Go(ctx, "mod", "vendor", "-o", c.Vendor); err != nil {
			return temp, err
		}
	}
	paths := map[string]string{}
	for path, dir := range dirs {
		paths[dir] = path
	}
	for _, file := range res.Files {
		dir, base := filepath.Split(file.Name)
		path := paths[filepath.Clean(dir)]
		file.Name = filepath.Join(c.Module.Dir, "vendor", filepath.FromSlash(path), base)
		c.Files = append(c.Files, file)
	}
	return temp, nil
}

// writeGoroot is rewrite -goroot.
func (a *app) writeGoroot(ctx context.Context, f *rewriteFlags, opts rewrite.Options, patterns []string) error {
	setup, err := rewrite.NewSetup(ctx, opts)
	if err != nil {
		return err
	}
	goroot, err := setup.Go(ctx, "env", "GOROOT")
	if err != nil {
		return err
	}
	_, prog, res, err := a.rewriteOthers(ctx, opts, true, patterns)
	if err != nil {
		return err
	}
	a.progress.stage("writing")
	g := &output.Goroot{Dir: f.goroot, Source: strings.TrimSpace(goroot), Files: res.Files, Version: version()}
	if err := g.Write(ctx); err != nil {
		return err
	}
	return leftBehind(&job{[]*rewrite.Program{prog}, res})
}
