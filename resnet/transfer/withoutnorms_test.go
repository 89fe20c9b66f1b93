package transfer

import (
	"strings"
	"testing"

	"github.com/seed8935e608/residua/internal/hashnet"
	"github.com/seed8935e608/residua/resnet"
)

// TestWithoutNorms: a classifier that was taught on a network without norms comes back from the whole network, which
// differs in nothing else. Its last block cannot be trained further, and the error says why.
func TestWithoutNorms(t *testing.T) {
	c := resnet.Config{Block: resnet.Basic, Layers: []int{1, 1}, Width: 4, Expansion: 1, Stem: resnet.StemCIFAR,
		Join: resnet.JoinNone, NoNorm: true, Classes: 3}
	file, err := hashnet.File(c, 16)
	if err != nil {
		t.Fatal(err)
	}
	m, err := resnet.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	w, b := make([]float32, 2*8), []float32{0.5, -0.5}
	for i := range w {
		w[i] = float32(i%5) - 2
	}
	taught := &Taught{Model: m.Card.Model, Classes: []string{"ham", "spam"}, Head: NewHead(w, b, 8)}
	network, err := taught.Network(m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := FromNetwork(network, m)
	if err != nil {
		t.Fatal(err)
	}
	if got.Tuned != nil {
		t.Error("its last block is taken for a trained one")
	}
	block := m.LastBlock()
	if err := block.Plain(); err == nil || !strings.Contains(err.Error(), "can be run, but not trained") {
		t.Errorf("to train its last block gives %v", err)
	}
}
