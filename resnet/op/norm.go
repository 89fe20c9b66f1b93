package op

import (
	"math"

	"github.com/seed8935e608/residua/resnet/kernel"
)

// BatchNorm is a batch normalisation, y = (x − Mean)/√(Var + ε)·Weight + Bias channel by channel (Ioffe and Szegedy
// 2015). Inference only needs Fold. Train and TrainBackward are for networks that are trained from scratch.
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

// FoldBackward computes dW and dWeight, the gradients with respect to w and Weight. w are the weights before the norm,
// a filter of len(w)/channels values for each channel. It computes them from dFolded and dBias, the gradients with
// respect to what Fold makes of them: the filters scale·w and the bias. It is the chain rule for
// scale = Weight/√(Var + ε), bias = Bias − Mean·scale; the statistics stay as they are. dW may be dFolded.
//
//	dW = scale·dFolded
//	dWeight = (w·dFolded − Mean·dBias)/√(Var + ε)
//
// and the gradient with respect to Bias is dBias itself.
func (n *BatchNorm) FoldBackward(dW, dWeight, dFolded, dBias, w []float32) {
	each := len(w) / len(n.Weight)
	for i := range n.Weight {
		inverse := 1 / math.Sqrt(float64(n.Var[i])+n.Epsilon)
		scale := float32(float64(n.Weight[i]) * inverse)
		to, from, by := dW[i*each:][:each], dFolded[i*each:][:each], w[i*each:][:each]
		var sum float32
		for j, d := range from {
			sum += by[j] * d
			to[j] = scale * d
		}
		dWeight[i] = float32((float64(sum) - float64(n.Mean[i])*float64(dBias[i])) * inverse)
	}
}

// NormBatch is what a batch norm's pass in training finds of each channel: the mean, the variance as it is estimated
// for the whole population (divided by rows − 1), and 1/√(the batch's own variance + ε). One that is used again
// allocates nothing.
type NormBatch struct {
	mean, variance, inverse []float32
	sums                    [2][]float64 // scratch memory
	factors                 [3][]float32
}

// fit gives it room for so many channels.
func (b *NormBatch) fit(channels int) {
	if len(b.mean) == channels {
		return
	}
	for _, x := range []*[]float32{&b.mean, &b.variance, &b.inverse, &b.factors[0], &b.factors[1], &b.factors[2]} {
		*x = make([]float32, channels)
	}
	b.sums[0], b.sums[1] = make([]float64, channels), make([]float64, channels)
}

// Train computes y = (x − mean)/√(variance + ε)·Weight + Bias with the mean and the variance of the batch; x is
// rows×channels. y may be x. The running statistics are left to Follow.
func (n *BatchNorm) Train(y, x []float32) (b NormBatch) {
	n.TrainInto(&b, y, x, Epilogue{})
	return b
}

// TrainInto is Train with an epilogue: y = ReLU(norm(x) + residual), where e asks for them. So it is a norm and its
// activation, or the end of a residual block, in one pass. y may be x or the residual. What it finds goes to b, whose
// memory it uses again.
func (n *BatchNorm) TrainInto(b *NormBatch, y, x []float32, e Epilogue) {
	b.fit(len(n.Weight))
	rows := float64(len(x) / len(n.Weight))
	mean, square, scale, bias := b.sums[0], b.sums[1], b.factors[0], b.factors[1]
	kernel.Moments(mean, square, x)
	for i, s := range square {
		b.mean[i] = float32(mean[i])
		b.variance[i] = float32(s / max(1, rows-1))
		b.inverse[i] = float32(1 / math.Sqrt(s/rows+n.Epsilon))
		scale[i] = n.Weight[i] * b.inverse[i]
		bias[i] = n.Bias[i] - b.mean[i]*scale[i]
	}
	kernel.Affine(y, x, scale, bias, e)
}

// Follow moves the running statistics towards a batch's as PyTorch does: running += momentum·(batch − running).
func (n *BatchNorm) Follow(b NormBatch, momentum float32) {
	for i := range n.Mean {
		n.Mean[i] += momentum * (b.mean[i] - n.Mean[i])
		n.Var[i] += momentum * (b.variance[i] - n.Var[i])
	}
}

// Apply computes y = (x − Mean)/√(Var + ε)·Weight + Bias with the running statistics. y may be x.
func (n *BatchNorm) Apply(y, x []float32) {
	scale, bias := n.Fold()
	kernel.Affine(y, x, scale, bias, Epilogue{})
}

// AffineReLU computes y = ReLU(scale·x + bias) channel by channel: a folded norm and its activation where no
// convolution stands before them. y may be x.
func AffineReLU(y, x, scale, bias []float32) { kernel.Affine(y, x, scale, bias, Epilogue{ReLU: true}) }

// AffineReLUBackward computes dX, the gradient with respect to AffineReLU's x, from dY, that with respect to its output
// y. dX may be dY.
func AffineReLUBackward(dX, dY, y, scale []float32) {
	channels := len(scale)
	for at := 0; at < len(y); at += channels {
		d, to := dY[at:][:channels], dX[at:][:channels]
		for i, v := range y[at:][:channels] {
			if v > 0 {
				to[i] = scale[i] * d[i]
			} else {
				to[i] = 0
			}
		}
	}
}

// TrainBackward computes the gradients of Train by x, Weight and Bias from dY, that with respect to y, and what Train
// found. With N rows and x̂ = (x − mean)/√(variance + ε):
//
//	dBias = Σ dY,  dWeight = Σ dY·x̂
//	dX = Weight/√(variance + ε)·(dY − dBias/N − x̂·dWeight/N)
//
// dX may be dY. x is the one that Train got.
func (n *BatchNorm) TrainBackward(dX, dWeight, dBias, dY, x []float32, b NormBatch) {
	n.TrainReLUBackward(dX, dWeight, dBias, dY, x, nil, b)
}

// TrainReLUBackward is TrainBackward where a ReLU follows the norm: dY is the gradient with respect to the ReLU's
// output y. A y of nil is no ReLU.
func (n *BatchNorm) TrainReLUBackward(dX, dWeight, dBias, dY, x, y []float32, b NormBatch) {
	n.trainBackward(dX, nil, dWeight, dBias, dY, x, y, b)
}

// TrainAddReLUBackward is TrainBackward for the end of a residual block, y = ReLU(norm(x) + shortcut), where dY is the
// gradient with respect to y. dSum becomes that with respect to the sum, and so to the shortcut. It may be dY; dX must
// be another.
func (n *BatchNorm) TrainAddReLUBackward(dX, dSum, dWeight, dBias, dY, x, y []float32, b NormBatch) {
	n.trainBackward(dX, dSum, dWeight, dBias, dY, x, y, b)
}

func (n *BatchNorm) trainBackward(dX, dSum, dWeight, dBias, dY, x, y []float32, b NormBatch) {
	byBias, byWeight := b.sums[0], b.sums[1]
	kernel.GradientSums(byBias, byWeight, dSum, dY, x, y, b.mean)
	if dSum != nil {
		dY, y = dSum, nil
	}
	// dX = scale·dY + slope·x + offset
	rows := float64(len(x) / len(n.Weight))
	scale, slope, offset := b.factors[0], b.factors[1], b.factors[2]
	for i := range n.Weight {
		inverse := float64(b.inverse[i])
		dWeight[i], dBias[i] = float32(byWeight[i]*inverse), float32(byBias[i])
		s := float64(n.Weight[i]) * inverse
		t := -s * byWeight[i] * inverse * inverse / rows
		scale[i], slope[i] = float32(s), float32(t)
		offset[i] = float32(-s*byBias[i]/rows - t*float64(b.mean[i]))
	}
	kernel.NormBackward(dX, dY, x, y, scale, slope, offset)
}

// Finite tells whether the batch's means and variances are numbers, and not infinite. A ReLU behind the norm may hide
// those that are not.
func (b *NormBatch) Finite() bool {
	for i, v := range b.variance {
		if x := v + b.mean[i]; x-x != 0 {
			return false
		}
	}
	return true
}
