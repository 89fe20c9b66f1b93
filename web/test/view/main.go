// Command view writes the sample trace, message by message, and the numbers of the sample's run in the Skip lab, for
// the tests of the view in a browser.
//
// Usage: go run ./web/test/view OUT
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
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
	return writeLab(folder)
}

// labNumbers is what lab.json has: the lab's numbers as the page gets them, but for the steps, which are in steps.bin.
type labNumbers struct {
	Networks   []proto.ViewLabNetwork
	Steps      int
	Landscapes []labLandscape
	Paths      []*proto.ViewPaths
}

// labLandscape has nil for infinity, which JSON lacks.
type labLandscape struct {
	Side   int
	Span   float32
	Losses []*float32
}

// writeLab writes four networks. steps.bin has for each step and network the three lists of proto.ViewLayers.
func writeLab(folder string) error {
	lab := sample.Lab(proto.MaxLabNetworks)
	numbers := labNumbers{Networks: lab.Networks, Steps: sample.LabSteps}
	for k := range lab.Networks {
		m := sample.LabLandscape(k)
		l := labLandscape{Side: m.Side, Span: m.Span}
		for i := range m.Losses {
			if v := &m.Losses[i]; float64(*v) <= math.MaxFloat32 {
				l.Losses = append(l.Losses, v)
			} else {
				l.Losses = append(l.Losses, nil)
			}
		}
		numbers.Landscapes = append(numbers.Landscapes, l)
		numbers.Paths = append(numbers.Paths, sample.LabPaths(k))
	}
	var steps []byte
	for step := range sample.LabSteps {
		for _, n := range sample.LabStep(lab, step).Networks {
			for _, list := range [...][]float32{n.Activations, n.OutputGradients, n.WeightGradients} {
				for _, v := range list {
					steps = binary.LittleEndian.AppendUint32(steps, math.Float32bits(v))
				}
			}
		}
	}
	text, err := json.Marshal(numbers)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "lab.json"), text, 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "steps.bin"), steps, 0o666)
}
