// Command sharemem runs after the Go linker. It rewrites a js/wasm program so that its memory, which the linker defines
// inside, is imported ("env" "mem"). The code that starts the program then makes the memory, and can give it to other
// modules (the SIMD kernels) and, if it is shared, to other workers.
//
// A custom section "memory" describes the memory as JSON: {"initial": pages}; with -shared also "maximum" and "shared":
// true.
//
// Usage: go run ./wasm/sharemem [-shared] IN.wasm OUT.wasm
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	shared := flag.Bool("shared", false, "import a shared memory")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: sharemem [-shared] IN.wasm OUT.wasm")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), flag.Arg(1), *shared); err != nil {
		fmt.Fprintln(os.Stderr, "sharemem:", err)
		os.Exit(1)
	}
}

func run(from, to string, shared bool) error {
	in, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	out, err := importMemory(in, shared)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return os.WriteFile(to, out, 0o666)
}
