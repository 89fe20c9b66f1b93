package resnet

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/eightbits"
	"github.com/seed8935e608/residua/weights"
)

// shiftedPictures reads pictures of noise whose brightness and contrast are their own.
func shiftedPictures(dst []float32, i int) error {
	state := uint32(i + 1)
	for k := range dst {
		state = state*1664525 + 1013904223
		dst[k] = (float32(state>>8)/(1<<23)-1)*float32(1+i%3) + float32(i%2)/2
	}
	return nil
}

// estimated takes the statistics of a network from nine pictures.
func estimated(t *testing.T, m *Model, o NormOptions) Norms {
	t.Helper()
	norms, err := m.EstimateNorms(9, shiftedPictures, o)
	if err != nil {
		t.Fatal(err)
	}
	return norms
}

// TestNormsOfSmall: for networks of all kinds, the network with the new statistics is the one that is loaded from its
// file, statistics survive all their forms, and taking them again gives the same numbers, on any number of threads.
func TestNormsOfSmall(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		if n.Config.NoNorm {
			if _, err := n.EstimateNorms(9, shiftedPictures, NormOptions{}); !errors.Is(err, ErrNoNorms) {
				t.Errorf("without norms: %v", err)
			}
			if _, err := n.Config.NormsOf(nil); !errors.Is(err, ErrNoNorms) {
				t.Errorf("statistics of no norms: %v", err)
			}
			if _, err := n.WithNorms(nil); !errors.Is(err, ErrNoNorms) {
				t.Errorf("with statistics of no norms: %v", err)
			}
			return
		}
		norms := estimated(t, n.Model, NormOptions{Batch: 4, Seed: 5})
		before := runtime.GOMAXPROCS(1)
		again := estimated(t, n.Model, NormOptions{Batch: 4, Seed: 5})
		runtime.GOMAXPROCS(before)
		if !slices.Equal(again.Values(), norms.Values()) {
			t.Error("the same pictures have other statistics the second time, on one thread")
		}
		other := estimated(t, n.Model, NormOptions{Batch: 4, Seed: 6})
		if slices.Equal(other.Values(), norms.Values()) {
			t.Error("the seed changes nothing")
		}
		back, err := n.Config.NormsOf(norms.Values())
		if err != nil || !slices.Equal(back.Values(), norms.Values()) {
			t.Errorf("from a row of numbers: %v", err)
		}
		m, err := n.WithNorms(norms)
		if err != nil {
			t.Fatal(err)
		}
		read, err := m.Config.ReadNorms(m.File())
		if err != nil || !slices.Equal(read.Values(), norms.Values()) {
			t.Errorf("from the file: %v", err)
		}
		if slices.Equal(m.Forward(n.x, nil).Features, n.Forward(n.x, nil).Features) {
			t.Error("the statistics change no features")
		}
		loaded, err := LoadFile(m.File())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.Forward(n.x, nil).Logits, loaded.Forward(n.x, nil).Logits) {
			t.Error("the network differs from the one that is loaded from its file")
		}
	})
}

// TestNormsAreFixed: statistics that were taken from one batch make every norm's output what the batch itself makes: of
// mean bias and, but for the difference between a batch's variance and the population's, of deviation weight.
func TestNormsAreFixed(t *testing.T) {
	for _, name := range []string{"basic", "bottleneck v1.5"} {
		c := small[name]
		m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
		if err != nil {
			t.Fatal(err)
		}
		norms := estimated(t, m, NormOptions{Batch: 9})
		adapted, err := m.WithNorms(norms)
		if err != nil {
			t.Fatal(err)
		}
		// The last norm before the join: F of the last block.
		block := len(m.blocks) - 1
		last := adapted.LastBlock().Residual
		norm := last[len(last)-1].Norm
		channels := len(norm.Bias)
		sums, rows := make([]float64, channels), 0
		for i := range 9 {
			x := make([]float32, m.InputLen())
			_ = shiftedPictures(x, i)
			adapted.Forward(x, func(at int, p Parts) {
				if at != block {
					return
				}
				rows += len(p.F) / channels
				for k, v := range p.F {
					sums[k%channels] += float64(v)
				}
			})
		}
		for k, sum := range sums {
			// Variances that differ by a part of 1/rows make the layers before differ as much.
			if got := sum / float64(rows); !(math.Abs(got-float64(norm.Bias[k])) < 20/float64(rows)) {
				t.Errorf("%s: channel %d of F has the mean %v, want %v (%d rows)", name, k, got, norm.Bias[k], rows)
			}
		}
	}
}

// TestNormsSample: of many pictures as many as are asked for are read, each once, in an order that the seed decides.
func TestNormsSample(t *testing.T) {
	c := small["basic"]
	m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(2) {
		var read []int
		done := 0
		_, err := m.EstimateNorms(1000, func(dst []float32, i int) error {
			read = append(read, i)
			return shiftedPictures(dst, i)
		}, NormOptions{Most: 11, Batch: 4, Seed: seed, Progress: func(at, total int) error {
			if total != 11 || at < done {
				t.Fatalf("%d of %d after %d", at, total, done)
			}
			done = at
			return nil
		}})
		if err != nil || done != 11 {
			t.Fatalf("%d pictures are done: %v", done, err)
		}
		sorted := slices.Sorted(slices.Values(read))
		if len(read) != 11 || len(slices.Compact(sorted)) != 11 || slices.IsSorted(read) {
			t.Errorf("seed %d reads %v", seed, read)
		}
	}
	if got := (NormOptions{}).Sample(1000); got != DefaultNormPictures {
		t.Errorf("by default the sample has %d pictures", got)
	}
}

// TestNormsRefuse: what is no set of pictures or of statistics is an error that says why, and a wish to stop is heard.
func TestNormsRefuse(t *testing.T) {
	c := small["basic"]
	m, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	count := 0
	stop := NormOptions{Progress: func(int, int) error {
		if count++; count > 12 {
			return enough
		}
		return nil
	}}
	if _, err := m.EstimateNorms(9, shiftedPictures, stop); err != enough || count != 13 {
		t.Errorf("stopped after %d pieces: %v", count, err)
	}
	broken := func([]float32, int) error { return enough }
	if _, err := m.EstimateNorms(9, broken, NormOptions{}); err != enough {
		t.Errorf("pictures that cannot be read: %v", err)
	}
	infinite := func(dst []float32, i int) error {
		_ = shiftedPictures(dst, i)
		dst[0] = float32(math.Inf(1))
		return nil
	}
	norms := estimated(t, m, NormOptions{})
	bad := func(change func(n Norms)) error {
		n, err := c.NormsOf(norms.Values())
		if err != nil {
			t.Fatal(err)
		}
		change(n)
		_, err = m.WithNorms(n)
		return err
	}
	_, one := m.EstimateNorms(1, shiftedPictures, NormOptions{})
	_, wild := m.EstimateNorms(9, infinite, NormOptions{})
	_, short := c.NormsOf(norms.Values()[1:])
	_, fewer := m.WithNorms(norms[1:])
	for want, err := range map[string]error{
		"two pictures or more":       one,
		"statistics that are no num": wild,
		"this network has ":          short,
		"statistics of ":             fewer,
		`"bn9"`:                      bad(func(n Norms) { n[0].Name = "bn9" }),
		"variance -1":                bad(func(n Norms) { n[1].Var[2] = -1 }),
		"mean NaN":                   bad(func(n Norms) { n[1].Mean[0] = float32(math.NaN()) }),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

// TestWith: what is replaced is in use, everything else is shared, and what does not fit is refused.
func TestWith(t *testing.T) {
	forSmall(t, func(t *testing.T, n both) {
		other := n.LastBlock()
		for _, c := range other.Convs() {
			for i := range c.Weight {
				c.Weight[i] *= -1
			}
		}
		tensors, err := other.Tensors(weights.F32)
		if err != nil {
			t.Fatal(err)
		}
		m, err := n.With(tensors)
		if err != nil {
			t.Fatal(err)
		}
		last := len(m.blocks) - 1
		if m.stem != n.stem || m.fc != n.fc || &m.blocks[0].residual[0] != &n.blocks[0].residual[0] ||
			m.blocks[last].residual[0] == n.blocks[last].residual[0] {
			t.Error("not the last block alone is new")
		}
		loaded, err := LoadFile(m.File())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(m.Forward(n.x, nil).Logits, loaded.Forward(n.x, nil).Logits) ||
			slices.Equal(m.Forward(n.x, nil).Logits, n.Forward(n.x, nil).Logits) {
			t.Error("the answer is not that of the new weights")
		}
		tensors[0].Name = "layer9.0.conv1.weight"
		if _, err := n.With(tensors); err == nil || !strings.Contains(err.Error(), "layer9") {
			t.Errorf("a tensor that it does not have: %v", err)
		}
		fc, err := weights.NewTensor("fc.bias", weights.F32, []int{1}, []float32{1})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.With([]weights.Tensor{fc}); err == nil || !strings.Contains(err.Error(), "shape") {
			t.Errorf("a tensor of another shape: %v", err)
		}
	})
}

// TestNormsInInt8: a network that computes in eight bits still does with other statistics.
func TestNormsInInt8(t *testing.T) {
	c := small["bottleneck v1.5"]
	float, err := Load(encode(t, c, smallCard, randomTensors(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	m, err := LoadFile(eightbits.File(t, float.File()), WithCompute(Int8))
	if err != nil {
		t.Fatal(err)
	}
	adapted, err := m.WithNorms(estimated(t, m, NormOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	want, err := LoadFile(adapted.File(), WithCompute(Int8))
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, m.InputLen())
	_ = shiftedPictures(x, 3)
	if adapted.Compute() != Int8 || !slices.Equal(adapted.Forward(x, nil).Logits, want.Forward(x, nil).Logits) {
		t.Error("the network with other statistics does not compute as one that is loaded with them")
	}
}
