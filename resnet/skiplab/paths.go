package skiplab

import (
	"context"
	"math/rand/v2"

	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/train"
)

// A PathGradient tells of the paths of one length through a network.
type PathGradient struct {
	Length int     // how many residual modules they go through; through the other blocks they take the shortcut
	Count  float64 // how many such paths there are
	// Gradient is how long the gradient is that comes back through one of them: the Euclidean norm of a picture's loss
	// with respect to the picture, in the mean over pictures and paths.
	Gradient float64
	Sampled  int // paths that were looked at: all, if there are few
}

// Ways says how Paths looks at the paths.
type Ways struct {
	Samples int    // paths of each length to look at, at most
	Seed    uint64 // of which ones
	// Progress, if it is not nil, is called after each path with how many are done.
	Progress func(done, paths int)
}

// Paths measures through which paths the gradient comes back to the pictures, by their length (Veit, Wilber and
// Belongie 2016, section 4.3). A network of n blocks has n-over-k paths of length k. The gradients of all its paths add
// up to the network's, for every join. A plain network has one path, through all its modules.
//
// x is a batch of pictures, each Height×Width×3. Nothing of the network may be frozen. It is as before afterwards, but
// for its gradients.
func Paths(ctx context.Context, net *train.Net, x []float32, labels []int, w Ways) ([]PathGradient, error) {
	if w.Samples < 1 {
		return nil, fault(WhySetting, "%d paths of each length", w.Samples)
	}
	for _, p := range net.Params() {
		if p.Frozen {
			return nil, fault(WhyNoNetwork, "a network of which a part is frozen has no paths to its pictures")
		}
	}
	blocks := net.Blocks()
	var lengths []PathGradient
	paths := 0
	for k := range blocks + 1 {
		if net.Config.Join == op.JoinNone && k < blocks {
			continue
		}
		p := PathGradient{Length: k, Count: binomial(blocks, k)}
		p.Sampled = int(min(p.Count, float64(w.Samples)))
		lengths = append(lengths, p)
		paths += p.Sampled
	}
	defer keep(net.Statistics())()
	net.Learn(x, labels, 0)
	r := rand.New(rand.NewPCG(w.Seed, 0))
	dX := make([]float32, len(x))
	residual := make([]bool, blocks)
	done := 0
	for i := range lengths {
		p := &lengths[i]
		next := randomPath
		if float64(p.Sampled) == p.Count {
			next = nextPath
		}
		for k := range residual {
			residual[k] = k < p.Length
		}
		for range p.Sampled {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			next(residual, r)
			net.InputGradient(dX, residual)
			p.Gradient += gradientOf(dX, len(labels)) / float64(p.Sampled)
			if done++; w.Progress != nil {
				w.Progress(done, paths)
			}
		}
	}
	return lengths, nil
}

// gradientOf is the mean norm of each picture's gradient. The loss is the mean over the pictures, so that each
// picture's own loss counts 1/n in it.
func gradientOf(dX []float32, n int) float64 {
	sum, each := 0., len(dX)/n
	for i := range n {
		sum += length(dX[i*each:][:each])
	}
	return sum
}

// randomPath shuffles which modules a path goes through.
func randomPath(residual []bool, r *rand.Rand) {
	r.Shuffle(len(residual), func(i, j int) { residual[i], residual[j] = residual[j], residual[i] })
}

// nextPath goes on to the next of all paths of a length, in the order of binary numbers; after the last comes the
// first.
func nextPath(residual []bool, _ *rand.Rand) {
	// The lowest run of true that has a false above: its highest one moves up, the others go to the bottom.
	run := 0
	for i := range residual {
		if residual[i] {
			run++
			continue
		}
		if run == 0 {
			continue
		}
		residual[i] = true
		for k := range i {
			residual[k] = k < run-1
		}
		return
	}
	for k := range residual {
		residual[k] = k < run
	}
}

// binomial is n over k.
func binomial(n, k int) float64 {
	c := 1.
	for i := range min(k, n-k) {
		c = c * float64(n-i) / float64(i+1)
	}
	return c
}
