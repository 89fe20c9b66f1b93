package resnet

import (
	"maps"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/internal/eightbits"
)

// answersOf are the questions that the page asks a network about a photo.
type answersOf struct {
	top     []Prediction
	all     []float64
	norms   [][3]float64 // of each block's x, F and y
	maps    map[string]Map
	without []float64 // the class's probability without F of each block
}

// ask computes the answers for the class that PyTorch finds in a photo. Those that take many passes need long.
func ask(t *testing.T, m *Model, g golden, long bool) answersOf {
	class := Top(g.tensors["logits"], 1)[0].Index
	r := m.NewRecord()
	var a answersOf
	r.Forward(input(m, g.rgb), func(_ int, p Parts) {
		x, f, y := p.Norms()
		a.norms = append(a.norms, [3]float64{x, f, y})
	})
	a.top, a.all = Top(r.Logits, 5), Softmax(r.Logits)
	must := func(m Map, err error) Map {
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	a.maps = map[string]Map{"CAM": must(r.CAM(class)), "Grad-CAM, last": must(r.GradCAM(class, 15, SourceF))}
	if !long {
		return a
	}
	a.maps["Grad-CAM, middle"] = must(r.GradCAM(class, 12, SourceY))
	var err error
	if a.without, err = r.Sweep(class, nil); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestInt8Answers compares ResNet-50's answers in eight bits with those in float32, for the photos whose float32 logits
// PyTorch has computed. On 50 labelled photos (web/test/versus.mjs) no probability changes by more than 0.09, so 0.1 is
// allowed. x and y are sums over many blocks and keep their length within 3 %. F of one block may be short compared
// with its largest value, and the rounding steps are a 127th of that: within 20 %. Maps are sums over hundreds of
// channels, which average the errors out. Without one F the network is less sure, so that a small difference changes
// its answer more.
func TestInt8Answers(t *testing.T) {
	photos := goldens(t)
	exact := model(t, false)
	file := eightbits.File(t, exact.file)
	var want []answersOf
	for i, g := range photos {
		want = append(want, ask(t, exact, g, i == 0))
	}
	exact = nil
	runtime.GC()
	m, err := LoadFile(file, WithCompute(Int8))
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range photos {
		got, want := ask(t, m, g, i == 0), want[i]
		if got.top[0].Index != want.top[0].Index || want.top[0].Index != Top(g.tensors["logits"], 1)[0].Index {
			t.Errorf("%s: the best class is %d, in float32 %d", g.name, got.top[0].Index, want.top[0].Index)
		}
		change := 0.
		for class, p := range want.all {
			change = max(change, math.Abs(p-got.all[class]))
		}
		if change > 0.1 {
			t.Errorf("%s: a probability changes by %.3f", g.name, change)
		}
		var norms [3]float64
		for block, of := range want.norms {
			for part := range norms {
				norms[part] = max(norms[part], math.Abs(got.norms[block][part]/of[part]-1))
			}
		}
		if norms[0] > 0.03 || norms[1] > 0.2 || norms[2] > 0.03 {
			t.Errorf("%s: the norms of x, F and y change by up to %.3f", g.name, norms)
		}
		alike := map[string]float64{}
		for name, of := range want.maps {
			alike[name] = cosine(got.maps[name].Values, of.Values)
			if alike[name] < 0.95 {
				t.Errorf("%s: the map %s is like that in float32 by a cosine of %.3f only", g.name, name, alike[name])
			}
		}
		sweep := 0.
		for block := range want.without {
			sweep += math.Abs(got.without[block]-want.without[block]) / float64(len(want.without))
		}
		if sweep > 0.1 {
			t.Errorf("%s: without one F the probability is another by %.3f on average", g.name, sweep)
		}
		t.Logf("%s: probabilities change by at most %.4f, norms by %.3f, without one F by %.4f on average; "+
			"the maps' cosines %.4f", g.name, change, norms, sweep, slices.Collect(maps.Values(alike)))
	}
}

// cosine is the cosine of the angle between two maps.
func cosine(a, b []float32) float64 {
	var aa, bb, ab float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		aa, bb, ab = aa+x*x, bb+y*y, ab+x*y
	}
	return ab / math.Sqrt(aa*bb)
}
