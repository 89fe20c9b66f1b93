//go:build js

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// received copies one of a request's buffers. There is none, if it was not sent.
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

// rows copies a buffer of n rows of d numbers.
func rows[T jsbridge.Number](r request, name string, n, d int) ([]T, error) {
	x, err := received[T](r, name)
	if err == nil && len(x) != n*d {
		err = badArgument(fmt.Sprintf("the buffer %s has %d numbers, want %d × %d", name, len(x), n, d))
	}
	return x, err
}

// lastInputs gives a function that reads one of n last blocks' inputs, which are too large for Go's memory: they stay in JavaScript's.
func (e *engine) lastInputs(r request, n int) (read func(dst []float32, row int), err error) {
	each := e.model.LastInputShape().Len()
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

// cannotTeach is an error of package transfer as the page gets it.
func cannotTeach(err error) error {
	if err == nil {
		return nil
	}
	e := &proto.Error{Code: proto.CodeCannotTeach, Message: "The pictures cannot be taught: " + err.Error() + ".", Details: map[string]string{"reason": err.Error()}}
	var empty *transfer.EmptyClassError
	if errors.As(err, &empty) {
		e.Details["class"] = strconv.Itoa(empty.Class)
	}
	return e
}

// prepareToTeach computes what teaching needs of a picture.
func (e *engine) prepareToTeach(r request) (message any, out buffers, err error) {
	args, err := arguments[proto.Prepare](r)
	if err != nil {
		return nil, nil, err
	}
	size := e.model.Card.InputSize
	if args.Small < 1 || args.Small > size || args.Copies < 0 || args.Copies > maxCopies {
		return nil, nil, badArgument(fmt.Sprintf("small must be a side from 1 to %d, and copies a number from 0 to %d", size, maxCopies))
	}
	p, err := e.prepare(r.ctx, r.image)
	if err != nil {
		return nil, nil, err
	}
	features := make([]float32, 0, (1+args.Copies)*e.model.Config.Features())
	var inputs []uint16
	input := make([]float32, e.model.LastInputShape().Len())
	look := transfer.DifferenceHash(p.rgb, size)
	random := rand.New(rand.NewPCG(uint64(args.Seed), look)) // each picture is varied in its own ways
	rgb, x := slices.Clone(p.rgb), p.input
	for i := range 1 + args.Copies {
		if i > 0 {
			if err := pauseFor(r); err != nil {
				return nil, nil, err
			}
			altered := mirrored
			if i > 1 {
				altered = imageio.DefaultAugment.Draw(size, random)
			}
			altered.Apply(rgb, p.rgb, size)
			e.normalise(x, rgb)
		}
		var result resnet.Result
		e.compute(func() {
			e.model.LastInput(input, x)
			result = e.model.FromLastInput(input)
		})
		features = append(features, result.Features...)
		if args.Inputs {
			for _, v := range input {
				inputs = append(inputs, weights.Float16bits(v))
			}
		}
	}
	out = buffers{"features": features, "small": imageio.Shrink(p.rgb, size, args.Small)}
	if args.Inputs {
		out["inputs"] = inputs
	}
	return proto.Prepared{Image: p.image, DHash: fmt.Sprintf("%016x", look)}, out, nil
}

// mirrored is the first copy of a picture. It is looked at for the answer too.
var mirrored = imageio.Variation{Flip: true}

// maxCopies of a picture are as many as anybody wants.
const maxCopies = 64

// pauseFor lets the page cancel a request.
func pauseFor(r request) error {
	pause(0)
	return r.ctx.Err()
}

// inspect says what is wrong with the pictures, or of which it has to know the features first.
func (e *engine) inspect(r request) (proto.Warnings, error) {
	args, err := arguments[proto.Inspect](r)
	if err != nil {
		return proto.Warnings{}, err
	}
	n := len(args.Pictures)
	pictures := make([]transfer.Picture, n)
	for i, p := range args.Pictures {
		look, err := strconv.ParseUint(p.DHash, 16, 64)
		if err != nil || p.Class < 0 || p.Class >= args.Classes {
			return proto.Warnings{}, badArgument(fmt.Sprintf("picture %d has the class %d and the hash %q", i, p.Class, p.DHash))
		}
		pictures[i] = transfer.Picture{ID: p.Hash, Look: look, Label: p.Class}
	}
	if args.Known < 0 || args.Known > n {
		return proto.Warnings{}, badArgument(fmt.Sprintf("%d of %d pictures are known", args.Known, n))
	}
	var pairs []transfer.Pair
	for _, p := range args.Pairs {
		if p.A < 0 || p.B <= p.A || p.B >= args.Known {
			return proto.Warnings{}, badArgument(fmt.Sprintf("the pictures %d and %d are no pair of %d known ones", p.A, p.B, args.Known))
		}
		pairs = append(pairs, transfer.Pair(p))
	}

	d := e.model.Config.Features()
	x, err := received[float32](r, "features")
	if err == nil && x != nil {
		x, err = rows[float32](r, "features", len(args.Rows), d)
	}
	if err != nil {
		return proto.Warnings{}, err
	}
	of := map[int][]float32{}
	for k, i := range args.Rows {
		of[i] = x[k*d:][:d]
	}
	alike := transfer.LookAlikes(pictures, args.Known)
	answer := proto.Warnings{Wants: []int{}, Warnings: []proto.Warning{}, Pairs: []proto.Near{}}
	for _, p := range alike {
		for _, i := range []int{p.A, p.B} {
			if _, there := of[i]; !there && !p.Exact {
				of[i], answer.Wants = nil, append(answer.Wants, i)
			}
		}
	}
	if len(answer.Wants) > 0 {
		return answer, nil
	}
	pairs = append(pairs, transfer.Confirm(alike, func(i int) []float32 { return of[i] })...)
	for _, p := range pairs {
		answer.Pairs = append(answer.Pairs, proto.Near(p))
	}
	for _, w := range transfer.Inspect(pictures, args.Classes, pairs) {
		answer.Warnings = append(answer.Warnings, proto.Warning{
			Problem: proto.Problem(w.Problem), Class: w.Class, Other: w.Other, Pictures: append([]int{}, w.Pictures...), Count: w.Count,
		})
	}
	return answer, nil
}

// split says which pictures teach and which judge.
func (e *engine) split(r request) (proto.Sides, error) {
	args, err := arguments[proto.Split](r)
	if err != nil {
		return proto.Sides{}, err
	}
	if !(args.Fraction > 0 && args.Fraction < 1) {
		return proto.Sides{}, badArgument("the fraction of a split must lie between 0 and 1")
	}
	d := e.model.Config.Features()
	x, err := received[float32](r, "features")
	if err == nil && x != nil {
		x, err = rows[float32](r, "features", len(args.Pictures), d)
	}
	if err != nil {
		return proto.Sides{}, err
	}
	items := make([]transfer.Item, len(args.Pictures))
	pictures := make([]transfer.Picture, len(args.Pictures))
	for i, p := range args.Pictures {
		look, err := strconv.ParseUint(p.DHash, 16, 64)
		if x != nil && err != nil || p.Class < 0 || p.Side < 0 || p.Side > int(transfer.Validation) {
			return proto.Sides{}, badArgument(fmt.Sprintf("picture %d has the class %d, the side %d and the hash %q", i, p.Class, p.Side, p.DHash))
		}
		items[i] = transfer.Item{ID: p.ID, Label: p.Class, Side: transfer.Side(p.Side)}
		pictures[i] = transfer.Picture{ID: p.ID, Look: look, Label: p.Class}
	}
	if x != nil {
		pairs := transfer.FindDuplicates(pictures, x, d)
		groups := transfer.GroupsOf(len(items), pairs)
		for _, pair := range pairs {
			for _, i := range []int{pair.A, pair.B} {
				items[i].Group = items[groups[i]].ID
			}
		}
	}
	sides := proto.Sides{Sides: []int{}}
	for _, s := range transfer.Split(items, args.Fraction, uint64(args.Seed)) {
		sides.Sides = append(sides.Sides, int(s))
	}
	return sides, nil
}

// plot maps features to points of a plane.
func (e *engine) plot(r request) (message any, data []float32, err error) {
	x, err := received[float32](r, "features")
	if err != nil {
		return nil, nil, err
	}
	d := e.model.Config.Features()
	if len(x) == 0 || len(x)%d != 0 {
		return nil, nil, badArgument(fmt.Sprintf("a map wants features, %d of each picture", d))
	}
	var plane *transfer.PCAMap
	e.compute(func() {
		plane = transfer.NewPCAMap(x, d)
		data = plane.Project(x)
	})
	explained := []float64{0, 0}
	if plane.Total > 0 {
		explained = []float64{plane.Variance[0] / plane.Total, plane.Variance[1] / plane.Total}
	}
	return proto.Plotted{Explained: explained}, data, nil
}

// compare says whether one method is better than another.
func compare(r request) (proto.Compared, error) {
	args, err := arguments[proto.Compare](r)
	if err != nil {
		return proto.Compared{}, err
	}
	if len(args.Base) != len(args.Labels) || len(args.Other) != len(args.Labels) {
		return proto.Compared{}, badArgument("labels, base and other must have one number for each picture")
	}
	c := transfer.CompareMethods(args.Labels, args.Base, args.Other)
	return proto.Compared{N: c.N, Difference: c.Difference, Low: c.Low, High: c.High, Verdict: proto.Verdict(c.Verdict), Needed: c.Needed}, nil
}
