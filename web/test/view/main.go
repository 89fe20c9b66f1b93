// Command view writes the sample trace, message by message, for the tests of the view in a browser.
//
// Usage: go run ./web/test/view OUT
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: view OUT")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "view:", err)
		os.Exit(1)
	}
}

// write writes the overview, the sweep, an overlay, and all pages of 64 channels of two blocks.
func write(folder string) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	o := sample.Overview(sample.Layers)
	messages := map[string]proto.ViewMessage{"overview": o, "sweep": sample.Sweep(o), "overlay": sample.Overlay()}
	for _, block := range []int{4, 13} {
		for first := 0; first < o.Blocks[block].Channels; first += 64 {
			r := proto.ViewRequest{Trace: o.Trace, Block: block, First: first, Count: 64}
			messages[fmt.Sprintf("block-%d-%d", block, first)] = sample.Channels(o, r)
		}
	}
	for name, m := range messages {
		if err := os.WriteFile(filepath.Join(folder, name+".bin"), proto.EncodeView(m), 0o666); err != nil {
			return err
		}
	}
	return nil
}
