package resnet

import (
	"math"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/weights"
)

// withOutputs is a small network with a number of outputs, and a record of a picture.
func withOutputs(t *testing.T, classes int, card func(*weights.Card)) (*Model, *Record) {
	t.Helper()
	config, about := small["basic"], smallCard
	config.Classes = classes
	about.Labels = nil
	card(&about)
	m, err := Load(encode(t, config, about, randomTensors(t, config)))
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, m.InputLen())
	for i := range x {
		x[i] = float32(i%11)/5 - 1
	}
	r := m.NewRecord()
	r.Forward(x, nil)
	return m, r
}

// TestOneOutput: the answers of one output are a yes with the logit's sigmoid, and its opposite.
func TestOneOutput(t *testing.T) {
	m, r := withOutputs(t, 1, func(*weights.Card) {})
	if len(r.Logits) != 1 || m.Config.Answers() != 2 || m.Activation() != ActivationSigmoid {
		t.Fatalf("%d logits, %d answers, %s", len(r.Logits), m.Config.Answers(), m.Activation())
	}
	z := float64(r.Logits[0])
	want := []float64{1 / (1 + math.Exp(-z)), 1 / (1 + math.Exp(z))}
	if got := m.Probabilities(r.Logits); !slices.Equal(got, want) {
		t.Errorf("the probabilities are %v, want %v", got, want)
	}
	if got := m.Probabilities([]float32{-1e9}); !slices.Equal(got, []float64{0, 1}) {
		t.Errorf("the probabilities of a large negative logit are %v", got)
	}
	for z, first := range map[float32]int{-1.5: 1, 1.5: 0} {
		if top := m.Top([]float32{z}, 5); len(top) != 2 || top[0].Index != first || top[1].Index != 1-first {
			t.Errorf("the answers to %v are %v", z, top)
		}
	}

	mirrored := func(what string, yes, no []float32, err1, err2 error) {
		t.Helper()
		if err1 != nil || err2 != nil {
			t.Fatal(what, err1, err2)
		}
		for i := range yes {
			// Each side is rounded by itself: the difference of two probabilities by about 1e-7.
			if d := math.Abs(float64(yes[i] + no[i])); d > 1e-6 {
				t.Fatalf("%s of the opposite is %v at %d, where that of the output is %v", what, no[i], i, yes[i])
			}
		}
	}
	yes, err1 := r.CAM(0)
	no, err2 := r.CAM(1)
	mirrored("the activation map", yes.Values, no.Values, err1, err2)
	adds, err1 := r.Contributions(0, 0, SourceY)
	takes, err2 := r.Contributions(1, 0, SourceY)
	mirrored("the contribution", adds, takes, err1, err2)
	yes, err1 = r.Occlusion(0, 9, 12, nil)
	no, err2 = r.Occlusion(1, 9, 12, nil)
	mirrored("the drop", yes.Values, no.Values, err1, err2)
	with, err1 := r.Sweep(0, nil)
	against, err2 := r.Sweep(1, nil)
	for i := range with {
		if err1 != nil || err2 != nil || math.Abs(with[i]+against[i]-1) > 1e-12 || with[i] == 1 {
			t.Errorf("without block %d the answers have %v and %v (%v, %v)", i, with[i], against[i], err1, err2)
		}
	}
	if _, err := r.CAM(2); err == nil || err.Error() != "there is no class 2; the network has the classes 0 to 1" {
		t.Errorf("a third answer gives %v", err)
	}
}

// TestOneOutputLabels: the card may name what the output says yes to, and the opposite.
func TestOneOutputLabels(t *testing.T) {
	for _, c := range []struct{ labels, want []string }{
		{nil, []string{"yes", "no"}},
		{[]string{"dog"}, []string{"dog", "not dog"}},
		{[]string{"dog", "cat"}, []string{"dog", "cat"}},
	} {
		m, _ := withOutputs(t, 1, func(card *weights.Card) { card.Labels = c.labels })
		if got := []string{m.Label(0), m.Label(1)}; !slices.Equal(got, c.want) {
			t.Errorf("the answers are %q, want %q", got, c.want)
		}
	}
}

// TestSigmoid: with the sigmoid each class has a probability of its own.
func TestSigmoid(t *testing.T) {
	m, r := withOutputs(t, 4, func(card *weights.Card) { card.Activation = weights.Sigmoid })
	logits := []float32{0, 2, -1, 2}
	got := m.Probabilities(logits)
	for i, x := range logits {
		if want := 1 / (1 + math.Exp(-float64(x))); got[i] != want {
			t.Errorf("the probability of class %d is %v, want %v", i, got[i], want)
		}
	}
	top := m.Top(logits, 3)
	if indices(top)[0] != 1 || indices(top)[1] != 3 || indices(top)[2] != 0 || top[2].Probability != 0.5 {
		t.Errorf("the best are %v", top)
	}
	sweep, err := r.Sweep(2, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range sweep {
		without, err := r.Ablate(map[int]Part{i: Residual})
		if err != nil || math.Abs(p-m.Probabilities(without.Logits)[2]) > 1e-6 {
			t.Errorf("without block %d the sweep has %v, and the sigmoid is %v (%v)", i, p,
				m.Probabilities(without.Logits)[2], err)
		}
	}
	if m.Label(3) != "class 3" {
		t.Errorf("class 3 is called %q", m.Label(3))
	}
}
