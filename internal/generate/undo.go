package generate

import "context"

// Undo finds out what is to be done to have the packages or files that args name
// as they were before the first Run: siblings go, the heads of sources become
// their author's, and the bundled runtime goes where nothing else of the module
// uses it. It looks at no types and writes nothing.
func Undo(ctx context.Context, cfg Config, args []string) (*Result, error) {
	g := &generator{Config: cfg, changes: map[string]Change{}}
	g.Stage("loading")
	var err error
	if g.builds, err = presentBuild(ctx); err != nil {
		return nil, err
	}
	if g.tree, err = scan(ctx, cfg.Tag, g.builds); err != nil {
		return nil, err
	}
	if err := g.find(ctx, args); err != nil {
		return nil, err
	}
	for _, d := range g.dirs {
		for _, s := range d.sources { // none is lowered
			if err := g.writeSource(s, ""); err != nil {
				return nil, err
			}
		}
	}
	g.runtimes()
	return g.result(), nil
}
