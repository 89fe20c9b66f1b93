package transfer

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The intervals of Newcombe's comparison (Statistics in Medicine, 1998, table I, method 3), which gives four digits.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		r := Wilson(c.k, c.n)
		near(t, "interval", []float64{r.Low, r.High}, []float64{c.low, c.high}, 0.00005)
		near1(t, "rate", r.Mid, float64(c.k)/float64(c.n), 0)
		// Right and wrong change places.
		mirrored := Wilson(c.n-c.k, c.n)
		near(t, "mirrored", []float64{1 - mirrored.High, 1 - mirrored.Low}, []float64{r.Low, r.High}, 1e-12)
	}
	// All of n right: from n/(n+z²) on.
	for n := 1; n < 50; n++ {
		r := Wilson(n, n)
		near1(t, "low", r.Low, float64(n)/(float64(n)+z95*z95), 1e-12)
		if r.High != 1 || Wilson(0, n).Low != 0 {
			t.Errorf("%d of %d ends at %v", n, n, r.High)
		}
	}
	// The ends are where the score test turns: (p̂-p)² = z²·p(1-p)/n.
	for k := range 8 {
		r := Wilson(k, 7)
		for _, p := range []float64{r.Low, r.High} {
			near1(t, "score", (r.Mid-p)*(r.Mid-p), z95*z95*p*(1-p)/7, 1e-12)
		}
	}
	if r := Wilson(0, 0); r.Low != 0 || r.High != 1 || !math.IsNaN(r.Mid) {
		t.Errorf("of nothing: %+v", r)
	}
	panics(t, badRate, func() { Wilson(3, 2) })
	panics(t, badRate, func() { Wilson(-1, 2) })
}

func TestConfusion(t *testing.T) {
	labels := []int{0, 0, 0, 0, 1, 1, 1, 2, 2}
	answers := []int{0, 0, 1, None, 1, 1, 0, 2, None}
	m := NewConfusion(labels, answers, 4)
	for _, c := range []struct{ class, answer, want int }{
		{0, 0, 2}, {0, 1, 1}, {0, 2, 0}, {0, None, 1}, {1, 0, 1}, {1, 1, 2}, {1, None, 0}, {2, 2, 1}, {2, None, 1},
		{3, 3, 0}, {3, None, 0},
	} {
		if got := m.At(c.class, c.answer); got != c.want {
			t.Errorf("class %d was called %d %d times, want %d", c.class, c.answer, got, c.want)
		}
	}
	rate := func(what string, got Rate, k, n int) {
		if got.K != k || got.N != n {
			t.Errorf("%s: %d of %d, want %d of %d", what, got.K, got.N, k, n)
		}
	}
	rate("accuracy", m.Accuracy(), 5, 9)
	rate("recall 0", m.Recall(0), 2, 4)
	rate("recall 2", m.Recall(2), 1, 2)
	rate("recall 3", m.Recall(3), 0, 0)
	rate("precision 0", m.Precision(0), 2, 3)
	rate("precision 1", m.Precision(1), 2, 3)
	rate("precision 2", m.Precision(2), 1, 1)
	rate("precision 3", m.Precision(3), 0, 0)
	// Harmonic means: of 2/4 and 2/3, of 2/3 and 2/3, of 1/2 and 1.
	near(t, "F1", []float64{m.F1(0), m.F1(1), m.F1(2)}, []float64{4. / 7, 2. / 3, 2. / 3}, 1e-12)
	if !math.IsNaN(m.F1(3)) {
		t.Errorf("F1 of a class that never came up is %v", m.F1(3))
	}
	// Over the three classes that have examples.
	macro := m.Macro()
	near(t, "macro", []float64{macro.Recall, macro.Precision, macro.F1},
		[]float64{(0.5 + 2./3 + 0.5) / 3, (2./3 + 2./3 + 1) / 3, (4./7 + 2./3 + 2./3) / 3}, 1e-12)
	panics(t, badAnswer, func() { NewConfusion(labels, answers[1:], 4) })
	panics(t, badAnswer, func() { NewConfusion([]int{4}, []int{0}, 4) })
	panics(t, badAnswer, func() { NewConfusion([]int{0}, []int{4}, 4) })
	panics(t, badAnswer, func() { NewConfusion([]int{-1}, []int{0}, 4) })
	panics(t, badAnswer, func() { NewConfusion([]int{0}, []int{-2}, 4) })
}

func TestScore(t *testing.T) {
	// Logits log p have softmax p.
	p := []float64{0.5, 0.25, 0.25, 0.1, 0.2, 0.7}
	logits := make([]float32, len(p))
	for i, v := range p {
		logits[i] = float32(math.Log(v))
	}
	s := ScoreOf(logits, []int{1, 2}, 3)
	near1(t, "loss", s.Loss, -(math.Log(0.25)+math.Log(0.7))/2, 1e-6)
	if s.N != 2 || s.Correct != 1 || s.Accuracy() != 0.5 {
		t.Errorf("score %+v", s)
	}
	// Logits of any size are no trouble.
	near1(t, "loss of large logits", ScoreOf([]float32{3e38, -3e38}, []int{0}, 2).Loss, 0, 0)
	near1(t, "loss of large logits", ScoreOf([]float32{1000, 0}, []int{1}, 2).Loss, 1000, 0)
	both := s.Plus(Score{N: 2, Correct: 2, Loss: 0})
	near1(t, "loss", both.Loss, s.Loss/2, 1e-12)
	if both.N != 4 || both.Correct != 3 {
		t.Errorf("score of both %+v", both)
	}
	if empty := ScoreOf(nil, nil, 3); empty != (Score{}) || empty.Plus(s) != s || s.Plus(empty) != s ||
		!math.IsNaN(empty.Accuracy()) {
		t.Errorf("score of nothing %+v", empty)
	}
	panics(t, badExamples, func() { ScoreOf(logits, []int{1}, 3) })
}

// Temperature and calibration error are PyTorch's and numpy's.
func TestTemperature(t *testing.T) {
	for _, g := range readGoldens(t).Temperatures {
		got := FitTemperature(g.Logits, g.Labels, g.Classes)
		near1(t, "temperature", got, g.Temperature, 1e-9)
		h := NewHead(identity(g.Classes), make([]float32, g.Classes), g.Classes)
		h.Calibrate(Examples{X: g.Logits, Labels: g.Labels, D: g.Classes, Classes: g.Classes})
		near1(t, "temperature", h.Temperature, g.Temperature, 1e-9)
		near1(t, "loss", h.Score(Examples{X: g.Logits, Labels: g.Labels, D: g.Classes, Classes: g.Classes}).Loss,
			g.Loss, 1e-6) // float32 logits
		c := NewCalibration(h.Probabilities(g.Logits), g.Labels, g.Classes, 10)
		near1(t, "ECE", c.ECE, g.ECE, 1e-9)
		n := 0
		for _, b := range c.Bins {
			n += b.N
		}
		if n != len(g.Labels) {
			t.Errorf("%d answers in the bins, of %d", n, len(g.Labels))
		}
	}
}

func identity(n int) []float32 {
	x := make([]float32, n*n)
	for i := range n {
		x[i*n+i] = 1
	}
	return x
}

// Logits k times as large have a temperature k times as large. Where all are right by the
// same lead, its probability is Laplace's: ln 3 = ln (3/4 : 1/4). All wrong ends at the border.
func TestTemperatureLaws(t *testing.T) {
	g := readGoldens(t).Temperatures[1]
	scaled := make([]float32, len(g.Logits))
	for i, v := range g.Logits {
		scaled[i] = 4 * v
	}
	near1(t, "temperature", FitTemperature(scaled, g.Labels, g.Classes), 4*g.Temperature, 1e-9)
	near1(t, "all right", FitTemperature([]float32{2, 0, 0, 2}, []int{0, 1}, 2), 2/math.Log(3), 1e-9)
	near1(t, "all wrong", FitTemperature([]float32{1, 0, 0, 2}, []int{1, 0}, 2), maxTemperature, 1e-9)
	near1(t, "none", FitTemperature(nil, nil, 2), 1, 0)
	panics(t, badExamples, func() { FitTemperature(scaled, g.Labels[1:], g.Classes) })
	panics(t, badExamples, func() { NewCalibration(make([]float64, 5), []int{0, 1}, 2, 10) })
}

// Bins hold their upper ends: 0.5 of two classes lies in the fifth of ten, 1 in the last.
func TestCalibrationBins(t *testing.T) {
	c := NewCalibration([]float64{0.5, 0.5, 0, 1, 0.05, 0.95, 0.45, 0.55}, []int{0, 1, 0, 1}, 2, 10)
	want := make([]ReliabilityBin, 10)
	want[4] = ReliabilityBin{1, 0.5, 1}
	want[5] = ReliabilityBin{1, 0.55, 1}
	want[9] = ReliabilityBin{2, 0.975, 0.5}
	for i, b := range c.Bins {
		if b.N != want[i].N {
			t.Errorf("bin %d: %+v, want %+v", i, b, want[i])
		}
		near(t, "bin", []float64{b.Confidence, b.Accuracy}, []float64{want[i].Confidence, want[i].Accuracy}, 1e-12)
	}
	near1(t, "ECE", c.ECE, (0.5+0.45+2*0.475)/4, 1e-12)
}

// Answers whose probabilities are true have a small calibration error, and sharpened ones a large one that the
// temperature mends.
func TestCalibrationFindsTheTruth(t *testing.T) {
	const n, classes, sharpness = 4000, 4, 3
	r := rand.New(rand.NewPCG(5, 5))
	e := Examples{D: classes, Classes: classes}
	p := make([]float64, classes)
	for range n {
		z := make([]float32, classes)
		for c := range z {
			z[c] = float32(1.5 * r.NormFloat64())
		}
		softmax(p, z, 1)
		u, label := r.Float64(), 0
		for u > p[label] && label < classes-1 {
			u -= p[label]
			label++
		}
		for _, v := range z {
			e.X = append(e.X, sharpness*v)
		}
		e.Labels = append(e.Labels, label)
	}
	h := NewHead(identity(classes), make([]float32, classes), classes)
	ece := func() float64 { return NewCalibration(h.Probabilities(h.Logits(e.X)), e.Labels, classes, 10).ECE }
	before := ece()
	h.Calibrate(e)
	// The temperature's standard error is some 2 % here. Bins of 400 are off by some 0.4/√400 = 2 % by chance.
	if math.Abs(h.Temperature-sharpness) > 0.25 {
		t.Errorf("temperature %v, want %v", h.Temperature, float64(sharpness))
	}
	if after := ece(); before < 0.1 || after > 0.03 {
		t.Errorf("calibration error %v before and %v after", before, after)
	}
}
