//go:build js

package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// received copies one of a request's buffers. It is nil if the request does not have it.
func received[T jsbridge.Number](r request, name string) ([]T, error) {
	if r.sent.Type() != js.TypeObject {
		return nil, nil
	}
	v := r.sent.Get(name)
	if v.IsUndefined() || v.IsNull() {
		return nil, nil
	}
	x, ok := jsbridge.Numbers[T](v)
	if !ok {
		return nil, badArgument(fmt.Sprintf("the buffer %s is no typed array of its kind", name))
	}
	return x, nil
}

// rowsIfSent copies the buffer features, n rows of d numbers. It is nil if the request does not have it.
func rowsIfSent(r request, n, d int) ([]float32, error) {
	x, err := received[float32](r, "features")
	if err == nil && x != nil && len(x) != n*d {
		err = badArgument(fmt.Sprintf("the buffer features has %d numbers, want %d × %d", len(x), n, d))
	}
	return x, err
}

// lastInputs returns a function that reads one of n inputs of the last depth blocks. They are too large for Go's
// memory, and stay in JavaScript's.
func (e *engine) lastInputs(r request, n, depth int) (read func(dst []float32, row int), err error) {
	each := e.model.InputShapeOf(depth).Len()
	v := js.Undefined()
	if r.sent.Type() == js.TypeObject {
		v = r.sent.Get("inputs")
	}
	if !jsbridge.IsNumbers[uint16](v, n*each) {
		return nil, badArgument(fmt.Sprintf("the buffer inputs must have %d × %d numbers of 16 bits", n, each))
	}
	row16 := make([]uint16, each)
	return func(dst []float32, row int) {
		jsbridge.CopyNumbers(row16, v, row*each)
		for k, half := range row16 {
			dst[k] = weights.Float16(half)
		}
	}, nil
}

// maxAugmentations is the most augmentations of a picture.
const maxAugmentations = 64

// mirrored is the first augmentation of a picture. Answers use it too.
var mirrored = imageio.Variation{Flip: true}

// prepareToTeach computes what teaching needs of a picture.
func (e *engine) prepareToTeach(r request, args proto.Prepare) (message any, out buffers, err error) {
	height, width := e.model.Card.Shape()
	if args.Small < 1 || args.Small > max(height, width) || args.Augmentations < 0 ||
		args.Augmentations > maxAugmentations {
		reason := fmt.Sprintf("small must be a side from 1 to %d, and augmentations a number from 0 to %d",
			max(height, width), maxAugmentations)
		return nil, nil, badArgument(reason)
	}
	model, depth := e.model, 0
	if args.Taught && args.Inputs {
		return nil, nil, badArgument("the network as it was taught has no inputs of its last blocks to give")
	}
	if depth, err = e.depthOf(args.Depth); err != nil {
		return nil, nil, err
	}
	if args.Taught {
		if model, err = e.asTaught(); err != nil {
			return nil, nil, err
		}
	}
	p, err := e.prepare(r.ctx, r.image)
	if err != nil {
		return nil, nil, err
	}
	hash := transfer.DifferenceHash(p.rgb, height, width)
	if out, err = e.featuresOf(r, p, args, hash, model, depth); err != nil {
		return nil, nil, err
	}
	out["small"] = imageio.Shrink(p.rgb, height, width, args.Small)
	return proto.Prepared{Image: p.image, DHash: fmt.Sprintf("%016x", hash)}, out, nil
}

// featuresOf computes the buffers features, inputs and blocks for a picture and its augmentations, the latter two if
// they are asked for, by a network. It overwrites p.input.
func (e *engine) featuresOf(
	r request, p *picture, args proto.Prepare, hash uint64, model *resnet.Model, depth int,
) (buffers, error) {
	var features []float32
	var inputs, blocks []uint16
	input := make([]float32, model.InputShapeOf(depth).Len())
	before := len(model.Blocks()) - 1 - depth                // the block whose output that is
	random := rand.New(rand.NewPCG(uint64(args.Seed), hash)) // each picture has other augmentations
	rgb := slices.Clone(p.rgb)
	height, width := e.model.Card.Shape()
	for i := range 1 + args.Augmentations {
		if i > 0 {
			pause(0)
			if err := r.ctx.Err(); err != nil {
				return nil, err
			}
			augmentation := mirrored
			if i > 1 {
				augmentation = imageio.DefaultAugment.Draw(height, width, random)
			}
			augmentation.Apply(rgb, p.rgb, height, width)
			e.normalise(p.input, rgb)
		}
		var result resnet.Result
		var means []float32
		e.compute(func() {
			means = means[:0]
			result = model.ForwardBlocks(p.input, func(block int, y []float32, s op.Shape) {
				if block == before {
					copy(input, y)
				}
				if args.Blocks && block >= 0 {
					at := len(means)
					means = append(means, make([]float32, s.C)...)
					op.GlobalMeanPool(means[at:], y, s)
				}
			})
		})
		features = append(features, result.Features...)
		if args.Inputs {
			inputs = appendHalves(inputs, input)
		}
		blocks = appendHalves(blocks, means)
	}
	out := buffers{"features": features}
	if args.Inputs {
		out["inputs"] = inputs
	}
	if args.Blocks {
		out["blocks"] = blocks
	}
	return out, nil
}

// appendHalves appends values in float16.
func appendHalves(dst []uint16, values []float32) []uint16 {
	for _, v := range values {
		dst = append(dst, weights.Float16bits(v))
	}
	return dst
}

// inspect reports what is wrong with the pictures, or which features it needs first.
func (e *engine) inspect(r request, args proto.Inspect) (proto.Warnings, error) {
	pictures, pairs, err := inspected(args)
	if err != nil {
		return proto.Warnings{}, err
	}
	d := e.model.Config.Features()
	x, err := rowsIfSent(r, len(args.Rows), d)
	if err != nil {
		return proto.Warnings{}, err
	}
	known := map[int][]float32{} // features by a picture's index
	for k, i := range args.Rows {
		if x != nil {
			known[i] = x[k*d:][:d]
		}
	}
	candidates := transfer.SimilarHashes(pictures, args.Known)
	answer := proto.Warnings{Wants: wanted(candidates, known), Warnings: []proto.Warning{}, Pairs: []proto.Near{}}
	if len(answer.Wants) > 0 {
		return answer, nil
	}
	pairs = append(pairs, transfer.Confirm(candidates, func(i int) []float32 { return known[i] })...)
	for _, p := range pairs {
		answer.Pairs = append(answer.Pairs, proto.Near(p))
	}
	for _, w := range transfer.Inspect(pictures, args.Classes, pairs) {
		answer.Warnings = append(answer.Warnings, proto.Warning{
			Problem: proto.Problem(w.Problem), Class: w.Class, Other: w.Other, Pictures: append([]int{}, w.Pictures...),
			Count: w.Count,
		})
	}
	return answer, nil
}

// inspected reads the pictures of a request to inspect them, and the pairs that were found before.
func inspected(args proto.Inspect) (pictures []transfer.Picture, pairs []transfer.Pair, err error) {
	for i, p := range args.Pictures {
		hash, err := strconv.ParseUint(p.DHash, 16, 64)
		if err != nil || p.Class < 0 || p.Class >= args.Classes {
			return nil, nil,
				badArgument(fmt.Sprintf("picture %d has the class %d and the hash %q", i, p.Class, p.DHash))
		}
		pictures = append(pictures, transfer.Picture{ID: p.Hash, DHash: hash, Label: p.Class})
	}
	if args.Known < 0 || args.Known > len(pictures) {
		return nil, nil, badArgument(fmt.Sprintf("%d of %d pictures are known", args.Known, len(pictures)))
	}
	for _, p := range args.Pairs {
		if p.A < 0 || p.B <= p.A || p.B >= args.Known {
			return nil, nil,
				badArgument(fmt.Sprintf("the pictures %d and %d are no pair of %d known ones", p.A, p.B, args.Known))
		}
		pairs = append(pairs, transfer.Pair(p))
	}
	return pictures, pairs, nil
}

// wanted lists the pictures whose features are needed to confirm pairs, and are not known.
func wanted(candidates []transfer.Pair, known map[int][]float32) []int {
	wants, listed := []int{}, map[int]bool{}
	for _, p := range candidates {
		for _, i := range []int{p.A, p.B} {
			if known[i] == nil && !p.Exact && !listed[i] {
				wants, listed[i] = append(wants, i), true
			}
		}
	}
	return wants
}

// split assigns pictures to training and validation.
func (e *engine) split(r request, args proto.Split) (proto.Sides, error) {
	if !(args.Fraction > 0 && args.Fraction < 1) {
		return proto.Sides{}, badArgument("the fraction of a split must lie between 0 and 1")
	}
	d := e.model.Config.Features()
	x, err := rowsIfSent(r, len(args.Pictures), d)
	if err != nil {
		return proto.Sides{}, err
	}
	items := make([]transfer.Item, len(args.Pictures))
	pictures := make([]transfer.Picture, len(args.Pictures))
	for i, p := range args.Pictures {
		hash, err := strconv.ParseUint(p.DHash, 16, 64)
		if x != nil && err != nil || p.ID == "" || p.Class < 0 ||
			p.Side < proto.SideUnassigned || p.Side > proto.SideValidation {
			reason := fmt.Sprintf("picture %d has the ID %q, the class %d, the side %d and the hash %q", i, p.ID,
				p.Class, p.Side, p.DHash)
			return proto.Sides{}, badArgument(reason)
		}
		items[i] = transfer.Item{ID: p.ID, Label: p.Class, Side: transfer.Side(p.Side)}
		pictures[i] = transfer.Picture{ID: p.ID, DHash: hash, Label: p.Class}
	}
	if x != nil {
		items = transfer.Grouped(items, transfer.FindDuplicates(pictures, x, d))
	}
	sides := proto.Sides{Sides: []proto.Side{}}
	for _, s := range transfer.Split(items, args.Fraction, uint64(args.Seed)) {
		sides.Sides = append(sides.Sides, proto.Side(s))
	}
	return sides, nil
}

// plot maps features to points of a plane.
func (e *engine) plot(r request, _ proto.Plot) (message any, out buffers, err error) {
	x, err := received[float32](r, "features")
	if err != nil {
		return nil, nil, err
	}
	d := e.model.Config.Features()
	if len(x) == 0 || len(x)%d != 0 {
		return nil, nil, badArgument(fmt.Sprintf("a map wants features, %d of each picture", d))
	}
	var plane *transfer.PCAMap
	var data []float32
	e.compute(func() {
		if plane, err = transfer.NewPCAMap(r.ctx, x, d, e.yield); err == nil {
			data = plane.Project(x)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	explained := plane.Explained()
	return proto.Plotted{Explained: explained[:]}, dataOnly(data), nil
}

// compare reports whether one method is better than another.
func compare(_ request, args proto.Compare) (proto.Compared, error) {
	if len(args.Base) != len(args.Labels) || len(args.Other) != len(args.Labels) {
		return proto.Compared{}, badArgument("labels, base and other must have one number for each picture")
	}
	c := transfer.CompareMethods(args.Labels, args.Base, args.Other)
	return proto.Compared{
		N: c.N, Difference: c.Difference, Low: c.Low, High: c.High, Verdict: proto.Verdict(c.Verdict), Needed: c.Needed,
	}, nil
}
