package train

import (
	"slices"
	"testing"

	"github.com/seed8935e608/residua/resnet/op"
)

// TestReset: a network that has learnt something is like a new one again, whatever was drawn before it.
func TestReset(t *testing.T) {
	var drawn Drawn
	for _, k := range kinds() {
		n, x, labels := newTestNet(t, k.config)
		n.Learn(x, labels, 0)
		scatterNorms(n)
		for _, o := range []Options{
			{Seed: 4}, {Seed: 4, Drawn: &drawn}, {Seed: 5, Init: InitXavier, Drawn: &drawn},
			{Seed: 5, ZeroLast: k.config.Join == op.JoinAdd, Drawn: &drawn},
		} {
			n.Reset(o)
			o.Height, o.Width, o.Batch, o.Drawn = 8, 8, 4, nil
			fresh, err := New(k.config, o)
			if err != nil {
				t.Fatal(err)
			}
			got, want := append(n.Params(), n.Statistics()...), append(fresh.Params(), fresh.Statistics()...)
			for i, p := range want {
				if !slices.Equal(got[i].Value, p.Value) {
					t.Errorf("%s: %s of seed %d has other values", k.name, p.Name, o.Seed)
				}
			}
			if a, b := n.Learn(x, labels, 0), fresh.Learn(x, labels, 0); a != b && !a.Diverged() {
				t.Errorf("%s: the score is %+v, want %+v", k.name, a, b)
			}
			if !slices.Equal(n.Layers(), fresh.Layers()) {
				t.Errorf("%s: the layers tell something else", k.name)
			}
		}
	}
}
