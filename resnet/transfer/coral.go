package transfer

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
	"gonum.org/v1/gonum/mat"
)

const (
	// coralRidge is added to each variance of the scaled features, whose mean is 1. With fewer pictures than features
	// most directions have no variance at all.
	coralRidge = 1
	// coralSample is the most pictures of a domain that its covariance is from. The time grows with their third power.
	coralSample = 256
)

// CORAL maps the features of one domain to those of another: it gives them the other's mean and covariance
// (correlation alignment; Sun, Feng and Saenko 2016). Features x of the source become
//
//	mean_t + (x - mean_s)/scale · (C_s + ridge·I)^-½ · (C_t + ridge·I)^½ · scale
//
// where C_s and C_t are the covariances of the domains' features divided by scale. A feature's scale is its deviation,
// the root of the mean of both domains' variances, shrunk as in training. The paper's ridge is 1, and so is this one:
// since the scaled variances are about 1, it shrinks them by half towards equal variances in all directions.
//
// With fewer pictures than features a covariance has as many directions as pictures. So the roots, of D×D matrices, are
// found from the eigenvectors of the n×n matrix of the pictures' products: with the centred and scaled rows Z, K =
// Z·Zᵀ/(n-1), and any function f,
//
//	f(C + ridge·I) = f(ridge)·I + Zᵀ·g(K)·Z/(n-1),   g(w) = (f(w + ridge) - f(ridge))/w
type CORAL struct {
	scale          []float32 // D
	source, target covariance
}

// A covariance is that of a domain's scaled features.
type covariance struct {
	pictures int
	mean     []float32 // D: of all pictures
	rows     []float32 // Z: of all pictures, or of a sample
	values   []float64 // of K
	vectors  *mat.Dense
}

// NewCORAL makes a map between two domains with the features source, N×d, and target, M×d. Of more than 256 pictures
// the covariance is that of a random sample.
func NewCORAL(source, target []float32, d int, seed uint64) *CORAL {
	c := newCORAL(source, target, d, seed)
	for _, domain := range []*covariance{&c.source, &c.target} {
		_ = domain.decompose(noPause) // which has no other error
	}
	return c
}

// newCORAL is NewCORAL without the eigenvectors, which take the longest.
func newCORAL(source, target []float32, d int, seed uint64) *CORAL {
	sourceMean, sourceStd, sourceConstant := standardise(source, d)
	targetMean, targetStd, targetConstant := standardise(target, d)
	c := &CORAL{scale: make([]float32, d)}
	constant := make([]bool, d)
	for j := range c.scale {
		variances := 0.0
		if !sourceConstant[j] {
			variances += float64(sourceStd[j]) * float64(sourceStd[j])
		}
		if !targetConstant[j] {
			variances += float64(targetStd[j]) * float64(targetStd[j])
		}
		c.scale[j] = float32(math.Sqrt(variances / 2))
		if constant[j] = variances == 0; constant[j] {
			c.scale[j] = 1
		}
	}
	moderate(c.scale, constant, min(len(source), len(target))/d)
	random := rand.New(rand.NewPCG(seed, 2))
	c.source = newCovariance(source, sourceMean, c.scale, random)
	c.target = newCovariance(target, targetMean, c.scale, random)
	return c
}

func newCovariance(x, mean, scale []float32, random *rand.Rand) covariance {
	d := len(scale)
	c := covariance{pictures: len(x) / d, mean: mean}
	if c.pictures <= coralSample {
		c.rows = slices.Clone(x)
	} else {
		for _, i := range random.Perm(c.pictures)[:coralSample] {
			c.rows = append(c.rows, x[i*d:][:d]...)
		}
		mean, _ = Standardise(c.rows, d)
	}
	for i := range c.rows {
		j := i % d
		c.rows[i] = (c.rows[i] - mean[j]) / scale[j]
	}
	return c
}

// decompose finds the eigenvectors of K.
func (c *covariance) decompose(piece func() error) error {
	n := len(c.rows) / len(c.mean)
	k, err := gram(c.rows, n, piece)
	if err != nil {
		return err
	}
	for i := range k {
		k[i] /= float64(max(n-1, 1))
	}
	c.values, c.vectors, err = eigenvectors(k, n, piece)
	return err
}

// times gives x·f(C + ridge·I) for x, N×D, from f(ridge) and g.
func (c *covariance) times(
	x []float32, f float64, g func(w float64) float64, piece func() error,
) ([]float32, error) {
	d, n := len(c.mean), len(c.values)
	scaled := mat.DenseCopyOf(c.vectors)
	scaled.Apply(func(_, j int, v float64) float64 {
		return v * g(max(c.values[j], 0)) / float64(max(n-1, 1))
	}, scaled)
	var product mat.Dense
	product.Mul(scaled, c.vectors.T())
	middle := make([]float32, n*n)
	for i := range middle {
		middle[i] = float32(product.At(i/n, i%n))
	}
	right := make([]float32, n*d) // g(K)·Z/(n-1)
	op.MatMul(right, middle, c.rows, n, n, d, op.Product{})
	if err := piece(); err != nil {
		return nil, err
	}
	pictures := len(x) / d
	left := make([]float32, pictures*n) // x·Zᵀ
	op.MatMul(left, x, c.rows, pictures, d, n, op.Product{TransposeB: true})
	if err := piece(); err != nil {
		return nil, err
	}
	out := make([]float32, len(x))
	op.MatMul(out, left, right, pictures, n, d, op.Product{})
	for i, v := range x {
		out[i] += float32(f) * v
	}
	return out, piece()
}

// ToTarget maps features of the source, N×D, to the target's.
func (c *CORAL) ToTarget(x []float32) []float32 {
	y, _ := c.between(x, &c.source, &c.target, noPause)
	return y
}

// ToSource maps features of the target, N×D, to the source's.
func (c *CORAL) ToSource(x []float32) []float32 {
	y, _ := c.between(x, &c.target, &c.source, noPause)
	return y
}

// noPause is what is called after each piece of work where nobody waits.
func noPause() error { return nil }

// between maps features, N×D, from one domain to the other.
func (c *CORAL) between(x []float32, from, to *covariance, piece func() error) ([]float32, error) {
	d := len(c.scale)
	if len(x)%d != 0 {
		panic(badFeatures)
	}
	z := make([]float32, len(x))
	for i, v := range x {
		z[i] = (v - from.mean[i%d]) / c.scale[i%d]
	}
	if err := piece(); err != nil {
		return nil, err
	}
	root := math.Sqrt(coralRidge)
	// (1/√(w + ridge) - 1/√ridge)/w and (√(w + ridge) - √ridge)/w, written so that w may be 0.
	z, err := from.times(z, 1/root, func(w float64) float64 {
		s := math.Sqrt(w + coralRidge)
		return -1 / (root * s * (s + root))
	}, piece)
	if err != nil {
		return nil, err
	}
	z, err = to.times(z, root, func(w float64) float64 { return 1 / (math.Sqrt(w+coralRidge) + root) }, piece)
	for i, v := range z {
		z[i] = v*c.scale[i%d] + to.mean[i%d]
	}
	return z, err
}
