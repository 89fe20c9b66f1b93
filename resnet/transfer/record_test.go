package transfer

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
)

// forTaught runs a test for what can be taught: heads on the features of networks of all kinds, on other blocks, with
// trained blocks, and with statistics of norms.
func forTaught(t *testing.T, test func(t *testing.T, m *resnet.Model, taught *Taught, x []float32)) {
	for name, c := range kinds() {
		m := modelOf(t, c)
		taught := taughtOn(m, []int{2})
		taught.Blocks = nil
		t.Run(name, func(t *testing.T) { test(t, m, taught, hashnet.Picture(16)) })
	}
	forBlocks(t, func(t *testing.T, m *resnet.Model, taught *Taught) { test(t, m, taught, hashnet.Picture(16)) })
	m := smallModel(t)
	var n noise
	for name, taught := range changed(t, m) {
		t.Run(name, func(t *testing.T) { test(t, m, taught, n.values(m.InputLen())) })
	}
}

// recordsOf are the Record of a picture, and the same by definition: of the picture and of its mirror image the records
// of the whole network, read from the file that Network writes. That has no blocks behind the head's last.
func recordsOf(t *testing.T, m *resnet.Model, taught *Taught, x []float32) (*Record, [2]*resnet.Record, *resnet.Model) {
	t.Helper()
	applied, err := taught.Apply(m)
	if err != nil {
		t.Fatal(err)
	}
	r, err := taught.NewRecord(applied)
	if err != nil {
		t.Fatal(err)
	}
	r.Forward(x, nil)
	file, err := taught.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := resnet.LoadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, width := m.Card.Shape()
	var want [2]*resnet.Record
	for i, x := range [][]float32{x, flipped(x, width, 3)} {
		want[i] = whole.NewRecord()
		want[i].Forward(x, nil)
	}
	return r, want, whole
}

// cutsOf are ablations of a network: none, F of the first block, and what can be cut of the last.
func cutsOf(m *resnet.Model) []map[int]resnet.Part {
	if m.Config.Join == resnet.JoinNone {
		return []map[int]resnet.Part{nil}
	}
	last := len(m.Blocks()) - 1
	out := []map[int]resnet.Part{nil, {0: resnet.Residual}, {last: resnet.Residual}}
	if !m.Blocks()[last].Projection {
		out = append(out, map[int]resnet.Part{0: resnet.Residual, last: resnet.Shortcut})
	}
	return out
}

// TestRecord: every answer about a taught class is that of the whole network with the head as its linear layer, bit by
// bit, for the same numbers are added in the same order. Blocks that the head does not read change nothing.
func TestRecord(t *testing.T) {
	forTaught(t, func(t *testing.T, m *resnet.Model, taught *Taught, x []float32) {
		taught.Mirrored = false
		r, of, whole := recordsOf(t, m, taught, x)
		want, blocks := of[0], len(whole.Blocks())
		for _, cut := range cutsOf(whole) {
			if _, err := want.Ablate(cut); err != nil {
				t.Fatal(err)
			}
			if err := r.Ablate(cut); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.Logits(), want.Logits) {
				t.Fatalf("without %v the logits are %v, want %v", cut, r.Logits(), want.Logits)
			}
			class := 2
			same := func(what string) func(a, b resnet.Map, err1, err2 error) {
				return func(a, b resnet.Map, err1, err2 error) {
					t.Helper()
					if err1 != nil || err2 != nil || a.H != b.H || a.W != b.W || !slices.Equal(a.Values, b.Values) {
						t.Errorf("without %v, %s: %v (%v), want %v (%v)", cut, what, a, err1, b, err2)
					}
				}
			}
			a, err1 := r.CAM(class)
			b, err2 := want.CAM(class)
			same("CAM")(a, b, err1, err2)
			a, err1 = r.Occlusion(class, 6, 5, nil)
			b, err2 = want.Occlusion(class, 6, 5, nil)
			same("occlusion")(a, b, err1, err2)
			for block := range m.Blocks() {
				a, err1 = r.GradCAM(class, block, resnet.SourceF)
				if b, err2 = a, nil; block < blocks {
					b, err2 = want.GradCAM(class, block, resnet.SourceF)
				} else {
					b.Values = make([]float32, len(a.Values)) // nothing reads it
				}
				same(fmt.Sprint("Grad-CAM of block ", block))(a, b, err1, err2)
			}
			if m.Config.Join == resnet.JoinNone {
				if _, err := r.Sweep(class, nil); !errors.Is(err, resnet.ErrNoShortcuts) {
					t.Errorf("the sweep of a plain network: %v", err)
				}
				continue
			}
			swept, err := want.Sweep(class, nil)
			for range len(m.Blocks()) - blocks {
				swept = append(swept, whole.Probabilities(want.Logits)[class])
			}
			if got, err1 := r.Sweep(class, nil); err != nil || err1 != nil || !slices.Equal(got, swept) {
				t.Errorf("without %v the sweep is %v (%v), want %v (%v)", cut, got, err1, swept, err)
			}
		}
	})
}

// TestMirroredRecord: of a head that goes by the mirror image too, every answer is that of the mean of both logits.
func TestMirroredRecord(t *testing.T) {
	forTaught(t, func(t *testing.T, m *resnet.Model, taught *Taught, x []float32) {
		const class = 1
		taught.Mirrored = true
		height, width := m.Card.Shape()
		r, of, whole := recordsOf(t, m, taught, x)
		cuts := cutsOf(whole)
		cut := cuts[len(cuts)-1]
		for i := range of {
			if _, err := of[i].Ablate(cut); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Ablate(cut); err != nil {
			t.Fatal(err)
		}
		probability := func(of func(i int) []float32) float64 {
			var logits []float32
			for k, v := range of(0) {
				logits = append(logits, (v+of(1)[k])/2)
			}
			return whole.Probabilities(logits)[class]
		}
		base := probability(func(i int) []float32 { return of[i].Logits })
		// The head makes its logits of the mean of the features, and the network the mean of logits: float32 rounds
		// sums of up to 32 products differently, by some 1e-6 of them.
		if got := r.Answer().Probabilities[class]; math.Abs(got-base) > 1e-5 {
			t.Errorf("the answer is %v, want %v", got, base)
		}
		m1, err1 := of[0].CAM(class)
		m2, err2 := of[1].CAM(class)
		got, err := r.CAM(class)
		if err := errors.Join(err, err1, err2); err != nil {
			t.Fatal(err)
		}
		for i, v := range got.Values {
			mirrored := m2.Values[i/m2.W*m2.W+m2.W-1-i%m2.W]
			if v != (m1.Values[i]+mirrored)/2 {
				t.Fatalf("the map has %v at %d, want the mean of %v and %v", v, i, m1.Values[i], mirrored)
			}
		}
		const size, stride = 5, 4
		occluded, err := r.Occlusion(class, size, stride, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range occluded.Values {
			hidden := slices.Clone(x)
			for y := range height {
				for column := range width {
					top, left := i/occluded.W*stride+(stride-size)/2, i%occluded.W*stride+(stride-size)/2
					if y >= top && y < top+size && column >= left && column < left+size {
						clear(hidden[3*(y*width+column):][:3])
					}
				}
			}
			both := [2][]float32{hidden, flipped(hidden, width, 3)}
			want := float32(base - probability(func(k int) []float32 {
				result, err := of[k].Ablated(both[k])
				if err != nil {
					t.Fatal(err)
				}
				return result.Logits
			}))
			if occluded.Values[i] != want {
				t.Fatalf("with cell %d hidden the drop is %v, want %v", i, occluded.Values[i], want)
			}
		}
		if m.Config.Join == resnet.JoinNone {
			return
		}
		swept, err := r.Sweep(class, nil)
		if err != nil {
			t.Fatal(err)
		}
		for block := range whole.Blocks() {
			want := probability(func(i int) []float32 {
				result, err := of[i].Without(block)
				if err != nil {
					t.Fatal(err)
				}
				return result.Logits
			})
			if swept[block] != want {
				t.Errorf("without F of block %d: %v, want %v", block, swept[block], want)
			}
		}
	})
}

// TestRecordRefuses: questions before there is a picture, about classes that there are not, and a head that does not
// fit.
func TestRecordRefuses(t *testing.T) {
	m := modelOf(t, kinds()["basic"])
	taught := taughtOn(m, []int{0})
	r, err := taught.NewRecord(m)
	if err != nil {
		t.Fatal(err)
	}
	all := func(class int) []error {
		_, err1 := r.CAM(class)
		_, err2 := r.GradCAM(class, 0, resnet.SourceY)
		_, err3 := r.Occlusion(class, 4, 4, nil)
		_, err4 := r.Sweep(class, nil)
		return []error{err1, err2, err3, err4}
	}
	for i, err := range all(0) {
		if !errors.Is(err, resnet.ErrEmptyRecord) {
			t.Errorf("question %d without a picture: %v", i, err)
		}
	}
	r.Forward(hashnet.Picture(16), nil)
	for i, err := range all(3) {
		if err == nil || !strings.Contains(err.Error(), "there is no class 3") {
			t.Errorf("question %d about class 3: %v", i, err)
		}
	}
	taught.Blocks = []int{0, 1}
	if _, err := taught.NewRecord(m); err == nil || !strings.Contains(err.Error(), "does not fit") {
		t.Errorf("a head of other blocks: %v", err)
	}
	taught.Blocks = []int{3}
	if _, err := taught.NewRecord(m); err == nil || !strings.Contains(err.Error(), "there is no block 3") {
		t.Errorf("a block that there is not: %v", err)
	}
	if _, err := r.Sweep(0, func(done, _ int) bool { return done < 2 }); !errors.Is(err, resnet.ErrStopped) {
		t.Errorf("a sweep that is stopped: %v", err)
	}
}
