// Package testdata holds the cases that the playground offers as examples.
package testdata

import "embed"

// Cases are programs that show what a rewrite must preserve: README.md says how
// they are written.
//
//go:embed cases/seed_basic_usage.txtar cases/args_evaluated_at_defer.txtar cases/conditional_defers_switches.txtar
//go:embed cases/named_results_modified.txtar cases/return_value_then_deferred_panic.txtar cases/bounded_loops.txtar
//go:embed cases/lifted_literals.txtar cases/loopvar_go122_per_iteration.txtar cases/loop_built_with_goto.txtar
//go:embed cases/rangefunc_returns.txtar cases/tx_commit_rollback_pattern.txtar cases/http_recover_middleware.txtar
//go:embed cases/parser_bailout.txtar cases/repanic_same_and_other.txtar cases/goexit_runs_defers.txtar
//go:embed cases/interface_in_field.txtar cases/many_returns.txtar cases/mutex_and_once_patterns.txtar
var Cases embed.FS
