package op

import "math"

// BatchNorm is a trained batch normalisation with frozen statistics, y = (x − Mean)/√(Var + ε)·Weight + Bias channel by channel
// (Ioffe and Szegedy 2015).
type BatchNorm struct {
	Weight, Bias, Mean, Var []float32
	Epsilon                 float64
}

// Fold gives the same norm as y = scale·x + bias, which a convolution before it takes over.
func (n *BatchNorm) Fold() (scale, bias []float32) {
	scale, bias = make([]float32, len(n.Weight)), make([]float32, len(n.Weight))
	for i := range scale {
		s := float64(n.Weight[i]) / math.Sqrt(float64(n.Var[i])+n.Epsilon)
		scale[i] = float32(s)
		bias[i] = float32(float64(n.Bias[i]) - float64(n.Mean[i])*s)
	}
	return scale, bias
}
