package skiplab

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/seed8935e608/residua/resnet/train"
)

// Surface says which part of the loss surface Landscape computes.
type Surface struct {
	Side int     // points along each direction; an odd number has the network itself in the middle
	Span float64 // how far it goes each way; 1 is as far as the weights are from zero
	Seed uint64  // of the directions
	// Progress, if it is not nil, is called after each point with how many are done.
	Progress func(done, points int)
}

// MaxSide is the most points of a Surface along a direction.
const MaxSide = 101

// Landscape computes the loss round a network along two random directions (Li, Xu, Taylor, Studer and Goldstein 2018).
// Each filter of a direction is as long as that of the weights, so that surfaces of different networks can be compared;
// norms and biases stay. The loss is the mean cross-entropy of the pictures, each Height×Width×3, in batches of the
// network's size whose statistics the norms use: the loss that training descends. (By the running statistics, which Li
// and others keep, the loss of a deep network soon grows to millions, and shows the norms rather than the weights.)
//
// The result is Side×Side numbers: rows are steps along the second direction, columns along the first, both from -Span
// to Span. A loss beyond all numbers is +Inf. The network is as before afterwards, also when ctx has ended it.
func Landscape(ctx context.Context, net *train.Net, x []float32, labels []int, s Surface) ([]float32, error) {
	if s.Side < 2 || s.Side > MaxSide || !(s.Span > 0) || math.IsInf(s.Span, 1) {
		return nil, fault(WhySetting, "a surface of %d×%d points over ±%v", s.Side, s.Side, s.Span)
	}
	params := net.Params()
	defer keep(params)()
	first, second := direction(params, s.Seed, 1), direction(params, s.Seed, 2)
	middle := make([][]float32, len(params))
	for i, p := range params {
		middle[i] = append([]float32(nil), p.Value...)
	}
	losses := make([]float32, s.Side*s.Side)
	for at := range losses {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		a, b := float32(s.step(at%s.Side)), float32(s.step(at/s.Side))
		for i, p := range params {
			for k := range first[i] {
				p.Value[k] = middle[i][k] + a*first[i][k] + b*second[i][k]
			}
		}
		score := train.ScoreOf(net.BatchLogits(x, len(labels)), labels, net.Config.Classes)
		losses[at] = float32(score.Loss)
		if score.Diverged() {
			losses[at] = float32(math.Inf(1))
		}
		if s.Progress != nil {
			s.Progress(at+1, len(losses))
		}
	}
	return losses, nil
}

// step is where point i of a direction lies. The middle one is 0 exactly.
func (s Surface) step(i int) float64 {
	return s.Span * float64(2*i-(s.Side-1)) / float64(s.Side-1)
}

// direction draws a direction: for each of params as many numbers as it has, or none if it stays.
func direction(params []*train.Param, seed, number uint64) [][]float32 {
	r := rand.New(rand.NewPCG(seed, number))
	d := make([][]float32, len(params))
	for i, p := range params {
		if len(p.Shape) < 2 {
			continue
		}
		d[i] = make([]float32, len(p.Value))
		// A filter is what belongs to one output channel, or to one class.
		each := len(p.Value) / p.Shape[0]
		for first := 0; first < len(p.Value); first += each {
			filter := d[i][first:][:each]
			for k := range filter {
				filter[k] = float32(r.NormFloat64())
			}
			scale := float32(length(p.Value[first:][:each]) / length(filter))
			for k := range filter {
				filter[k] *= scale
			}
		}
	}
	return d
}

// length is the Euclidean norm.
func length(x []float32) float64 {
	sum := 0.
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}
