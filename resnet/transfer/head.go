package transfer

import (
	"math"

	"github.com/seed8935e608/residua/resnet/op"
)

// A Head is a linear classifier on features: multinomial logistic regression, logits = W·(x-Mean)/Std + B.
// A plain linear layer is a Head with Mean 0 and Std 1.
type Head struct {
	Classes, D int
	Mean, Std  []float32 // D: the standardisation, from the training features
	W          []float32 // Classes×D
	B          []float32 // Classes
	L2         float64   // the strength of the penalty that it was trained with; 0 if it was not
	// Temperature divides the logits before softmax; see Calibrate. 1 leaves them alone.
	Temperature float64
	// Threshold tells pictures of none of the classes; see LearnThreshold. nil: every picture is of some class.
	Threshold *Threshold
}

const badHead = "transfer: a head's lengths do not fit its classes and features"

// NewHead gives a head of plain linear weights, classes×d, and bias. It keeps the slices.
func NewHead(w, b []float32, d int) *Head {
	h := &Head{Classes: len(b), D: d, Mean: make([]float32, d), Std: ones(d), W: w, B: b, Temperature: 1}
	h.mustFit()
	return h
}

func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

func (h *Head) mustFit() {
	if h.D < 1 || h.Classes < 1 ||
		len(h.Mean) != h.D || len(h.Std) != h.D || len(h.W) != h.Classes*h.D || len(h.B) != h.Classes {
		panic(badHead)
	}
}

// Fold gives the same classifier as weights and bias for plain features: logits = w·x + b.
func (h *Head) Fold() (w, b []float32) {
	h.mustFit()
	w, b = make([]float32, len(h.W)), make([]float32, len(h.B))
	for c := range b {
		sum := float64(h.B[c])
		for j := range h.D {
			folded := h.W[c*h.D+j] / h.Std[j]
			w[c*h.D+j] = folded
			sum -= float64(folded) * float64(h.Mean[j])
		}
		b[c] = float32(sum)
	}
	return w, b
}

// calibrated is Fold with the temperature in the weights, so that softmax gives the probabilities.
func (h *Head) calibrated() (w, b []float32) {
	w, b = h.Fold()
	for _, values := range [][]float32{w, b} {
		for i := range values {
			values[i] /= float32(h.temperature())
		}
	}
	return w, b
}

// Logits computes the logits, N×Classes, of features, N×D. They are not divided by the temperature.
func (h *Head) Logits(x []float32) []float32 {
	h.mustFit()
	if len(x)%h.D != 0 {
		panic(badFeatures)
	}
	w, b := h.Fold()
	n := len(x) / h.D
	z := make([]float32, n*h.Classes)
	op.MatMul(z, x, w, n, h.D, h.Classes, op.Product{TransposeB: true})
	for i := range z {
		z[i] += b[i%h.Classes]
	}
	return z
}

// Probabilities computes softmax(logits/Temperature), N×Classes, of the head's logits.
func (h *Head) Probabilities(logits []float32) []float64 {
	return Probabilities(logits, h.Classes, h.temperature())
}

// Probabilities computes softmax(logits/temperature), N×classes, of any classifier's logits.
func Probabilities(logits []float32, classes int, temperature float64) []float64 {
	p := make([]float64, len(logits))
	for at := 0; at < len(logits); at += classes {
		softmax(p[at:at+classes], logits[at:at+classes], temperature)
	}
	return p
}

// temperature is Temperature, or 1 if it was never set.
func (h *Head) temperature() float64 {
	if h.Temperature > 0 && !math.IsInf(h.Temperature, 1) {
		return h.Temperature
	}
	return 1
}

// Score scores the head on examples, with its temperature.
func (h *Head) Score(e Examples) Score {
	e.mustFit()
	z := h.Logits(e.X)
	for i := range z {
		z[i] /= float32(h.temperature())
	}
	return ScoreOf(z, e.Labels, h.Classes)
}

// Clone copies a head; only the threshold is shared, which nobody changes.
func (h *Head) Clone() *Head {
	c := *h
	c.Mean, c.Std = append([]float32(nil), h.Mean...), append([]float32(nil), h.Std...)
	c.W, c.B = append([]float32(nil), h.W...), append([]float32(nil), h.B...)
	return &c
}
