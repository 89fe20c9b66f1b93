package resnet

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
)

// headed are small networks whose linear layer reads the means of several blocks, or of the last one without the norm
// of a pre-activation network.
var headed = map[string]Config{}

func init() {
	add := func(name string, heads []int, change func(c *Config)) {
		c := Config{Block: Basic, Layers: []int{1, 2}, Width: 4, Expansion: 1, Stem: StemCIFAR, NormEpsilon: 1e-5,
			Join: JoinAdd, Classes: 3, HeadBlocks: heads}
		change(&c)
		headed[name] = c
	}
	add("two heads", []int{0, 2}, func(*Config) {})
	add("a head on every block of a gate", []int{0, 1, 2}, func(c *Config) { c.Join = JoinGate })
	add("a head on each block of a plain network", []int{0, 1, 2}, func(c *Config) { c.Join = JoinNone })
	add("pre-activation, one head", []int{2}, func(c *Config) { c.PreActivation = true })
	add("pre-activation, two heads", []int{1, 2}, func(c *Config) { c.PreActivation = true })
	add("pre-activation without norms, two heads", []int{0, 2}, func(c *Config) {
		c.PreActivation, c.NoNorm, c.Activation = true, true, ActivationSiLU
	})
}

// TestBlockMeans: the means of any blocks are those of their outputs, whichever way they are asked for, and equal to
// the bit.
func TestBlockMeans(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		r := n.recorded()
		var all [][]float32
		inputs := n.inputs(nil)
		for i, info := range n.Blocks() {
			y, s := r.Input(i + 1)
			mean := make([]float32, info.Channels)
			op.GlobalMeanPool(mean, y, s)
			all = append(all, mean)
			want := make([]float64, info.Channels)
			for j, v := range inputs[i+1].x {
				want[j%info.Channels] += v / float64(s.H*s.W)
			}
			if e := off(mean, want); e > 1e-5 {
				t.Errorf("block %d: the means are off by %.2g", i, e)
			}
		}
		last := len(all) - 1
		for _, blocks := range [][]int{{0}, {last}, slices.Compact([]int{0, last})} {
			var want []float32
			for _, b := range blocks {
				want = append(want, all[b]...)
			}
			got := make([]float32, n.Config.MeansLen(blocks))
			if n.BlockMeans(got, n.x, blocks); !slices.Equal(got, want) {
				t.Errorf("blocks %v have the means %v, want %v", blocks, got, want)
			}
			clear(got)
			if err := r.BlockMeans(got, blocks); err != nil || !slices.Equal(got, want) {
				t.Errorf("the record's blocks %v have the means %v (%v), want %v", blocks, got, err, want)
			}
		}
		seen := -1
		result := n.ForwardBlocks(n.x, func(block int, y []float32, s op.Shape) {
			if want, shape := r.Input(block + 1); block != seen || s != shape || !slices.Equal(y, want) {
				t.Errorf("block %d, of the shape %v, comes after %d, or is another", block, s, seen-1)
			}
			seen++
		})
		if seen != len(all) || !slices.Equal(result.Logits, r.Logits) {
			t.Errorf("%d blocks, and logits %v; want %d and %v", seen, result.Logits, len(all), r.Logits)
		}
	})
}

// TestUntil: the network that ends with some blocks has their means as its features, computes what the long one does,
// and has no tensor too many. The ordinary ones are a plain list of stages.
func TestUntil(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		channels := n.Config.BlockChannels()
		for last := range channels {
			for _, blocks := range [][]int{{last}, slices.Compact([]int{0, last})} {
				c := n.Config.Until(blocks)
				own := slices.Equal(blocks, []int{len(channels) - 1}) && !n.Config.PreActivation
				if len(n.Config.HeadBlocks) > 0 {
					own = slices.Equal(blocks, n.Config.HeadBlocks)
				}
				if n.Config.FeaturesAre(blocks) != own {
					t.Errorf("the network's features are taken for those of the blocks %v: %v", blocks, !own)
				}
				if err := c.Check(); err != nil {
					t.Fatalf("blocks %v: %v", blocks, err)
				}
				if got := len(c.Blocks()); got != last+1 || c.Features() != n.Config.MeansLen(blocks) {
					t.Errorf("blocks %v: %d blocks with %d features", blocks, got, c.Features())
				}
				if plain := len(blocks) == 1 && !c.PreActivation; plain != (c.HeadBlocks == nil) {
					t.Errorf("blocks %v have the heads %v", blocks, c.HeadBlocks)
				}
				tensors := randomTensors(t, c)
				for i, x := range tensors {
					if whole, ok := n.File().Tensor(x.Name); ok && !strings.HasPrefix(x.Name, "fc.") {
						tensors[i] = whole
					}
				}
				short, err := Load(encode(t, c, n.Card, tensors))
				if err != nil {
					t.Fatal(err)
				}
				want := make([]float32, c.Features())
				n.BlockMeans(want, n.x, blocks)
				if got := short.Forward(n.x, nil).Features; !slices.Equal(got, want) {
					t.Errorf("blocks %v: the features are %v, want %v", blocks, got, want)
				}
			}
		}
	})
	c, err := Preset("resnet50")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Until([]int{13}); !slices.Equal(got.Layers, []int{3, 4, 6, 1}) || got.Features() != 2048 {
		t.Errorf("until 4.1 there are %v", got.Layers)
	}
	got := c.Until([]int{2, 9})
	if !slices.Equal(got.Layers, []int{3, 4, 3}) || got.Features() != 256+1024 || got.Name() != "" {
		t.Errorf("until 1.3 and 3.3 there are %v, %d features, the name %q", got.Layers, got.Features(), got.Name())
	}
}

func TestHeadBlocksRefused(t *testing.T) {
	c := lab["plain"]
	for want, heads := range map[string][]int{
		"no block -1":                     {-1, 2},
		"no block 3":                      {0, 3},
		"block 0 comes after the block 1": {1, 0, 2},
		"block 2 comes after the block 2": {2, 2},
		"nothing reads the last":          {0, 1},
	} {
		c.HeadBlocks = heads
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v gives %v, want %q", heads, err, want)
		}
	}
	wide := Config{Block: Basic, Layers: []int{200}, Width: 1 << 14, Expansion: 1, Stem: StemCIFAR, NormEpsilon: 1e-5,
		Join: JoinAdd, Classes: 2}
	for i := range 200 {
		wide.HeadBlocks = append(wide.HeadBlocks, i)
	}
	if err := wide.Check(); err == nil || !strings.Contains(err.Error(), "channels together") {
		t.Errorf("%d features give %v", 200<<14, err)
	}
	if err := c.CheckBlocks(nil); err == nil {
		t.Error("no blocks were taken")
	}
	m, err := Load(encode(t, lab["plain"], smallCard, randomTensors(t, lab["plain"])))
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, m.InputLen())
	for name, call := range map[string]func(){
		"no blocks":     func() { m.BlockMeans(nil, x, nil) },
		"a short room":  func() { m.BlockMeans(make([]float32, 3), x, []int{0}) },
		"another block": func() { m.BlockMeans(make([]float32, 4), x, []int{3}) },
	} {
		if panicOf(call) == nil {
			t.Errorf("%s: no panic", name)
		}
	}
	if err := m.NewRecord().BlockMeans(make([]float32, 4), []int{0}); err != ErrEmptyRecord {
		t.Errorf("an empty record gives %v", err)
	}
}
