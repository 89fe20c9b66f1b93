//go:build js

package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights"
)

// adaptMost is how many pictures of each domain are learnt from at most. In 2,048 features they are 16 MB, of which
// there are some ten copies.
const adaptMost = 2000

// adaptChunk is how many pictures are answered at a time.
const adaptChunk = 256

// A domainRows reads the wanted blocks' means of a domain's pictures. They stay in JavaScript's memory.
type domainRows struct {
	from    js.Value
	n, each int      // rows, and the numbers of each, of all blocks
	columns [][2]int // first and count of each wanted block
	d       int      // numbers of the wanted blocks
}

// rowsOfDomain finds a buffer with one row for each picture. It has no rows where the request does not have it.
func (e *engine) rowsOfDomain(r request, name string, blocks []int) (rows domainRows, err error) {
	all := e.model.Config.Blocks()
	first := make([]int, len(all))
	for i, b := range all {
		first[i] = rows.each
		rows.each += b.Out
	}
	for i, b := range blocks {
		if b < 0 || b >= len(all) || i > 0 && b <= blocks[i-1] {
			return rows, badArgument(fmt.Sprintf("blocks must be in ascending order, from 0 to %d", len(all)-1))
		}
		rows.columns = append(rows.columns, [2]int{first[b], all[b].Out})
		rows.d += all[b].Out
	}
	rows.from = js.Undefined()
	if r.sent.Type() == js.TypeObject {
		rows.from = r.sent.Get(name)
	}
	if rows.from.IsUndefined() || rows.from.IsNull() {
		return rows, nil
	}
	length := rows.from.Get("length")
	if length.Type() == js.TypeNumber {
		rows.n = length.Int() / rows.each
	}
	if !jsbridge.IsNumbers[uint16](rows.from, rows.n*rows.each) {
		return rows, badArgument(fmt.Sprintf("the buffer %s must have %d numbers of 16 bits for each picture", name,
			rows.each))
	}
	return rows, nil
}

// readDomain gives the features of some pictures, and lets messages in meanwhile.
func (e *engine) readDomain(r request, rows domainRows, pictures []int) ([]float32, error) {
	x := make([]float32, 0, len(pictures)*rows.d)
	var halves []uint16
	for _, i := range pictures {
		for _, c := range rows.columns {
			halves = slices.Grow(halves[:0], c[1])[:c[1]]
			jsbridge.CopyNumbers(halves, rows.from, i*rows.each+c[0])
			for _, h := range halves {
				x = append(x, weights.Float16(h))
			}
		}
		e.yield()
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// adapt makes classifiers that fit another domain.
func (e *engine) adapt(r request, args proto.Adapt) (message any, out buffers, err error) {
	blocks := args.Blocks
	if len(blocks) == 0 {
		blocks = []int{len(e.model.Config.Blocks()) - 1}
		// With pre-activation the features are not the last block's means, but those after its norm.
		args.Blocks = blocks
	}
	in := map[string]domainRows{}
	for _, name := range []string{"source", "target", "sourceNorms", "targetNorms"} {
		if in[name], err = e.rowsOfDomain(r, name, blocks); err != nil {
			return nil, nil, err
		}
	}
	norms, err := e.normsSent(r)
	if err != nil {
		return nil, nil, err
	}
	target := in["target"].n
	if err := checkAdapt(args, in, norms); err != nil {
		return nil, nil, err
	}
	fromSource := adaptSample(args.Labels, in["source"].n, args.Seed)
	fromTarget := adaptSample(nil, target, args.Seed)
	a, err := e.adaptation(r, args, in, fromSource, fromTarget)
	if err != nil {
		return nil, nil, err
	}
	last := -1
	adapted, err := transfer.Adapt(r.ctx, a, func(done, total int) {
		if done != last {
			post(r.id, proto.KindProgress, proto.Steps{Done: done, Total: total}, nil)
			last = done
		}
		e.yield()
	})
	if err != nil {
		return nil, nil, teachError(err)
	}
	if len(fromTarget) < target {
		if err := e.answerAll(r, adapted, in, target); err != nil {
			return nil, nil, err
		}
	}
	adapted.Judge(args.TargetLabels)
	out = buffers{}
	for _, m := range adapted.Methods {
		file, err := e.adaptedTaught(m, args, norms).Encode()
		if err != nil {
			return nil, nil, teachError(err)
		}
		out["weights-"+string(m.Method)] = file
	}
	return adaptedMessage(adapted, len(fromSource), len(fromTarget)), out, nil
}

// normsSent are the statistics of the buffer norms; nil if the request does not have it.
func (e *engine) normsSent(r request) (resnet.Norms, error) {
	flat, err := received[float32](r, "norms")
	if err != nil || flat == nil {
		return nil, err
	}
	norms, err := e.model.Config.NormsOf(flat)
	if err != nil {
		return nil, badArgument(err.Error())
	}
	return norms, nil
}

// adaptedTaught is what Use takes of a method.
func (e *engine) adaptedTaught(m transfer.AdaptedMethod, args proto.Adapt, norms resnet.Norms) *transfer.Taught {
	t := &transfer.Taught{Model: e.model.Card.Model, Classes: args.Classes, Head: m.Head}
	if blocks := args.Blocks; len(blocks) > 0 && !e.model.Config.FeaturesAre(blocks) {
		t.Blocks = blocks
	}
	if m.Method == transfer.AdaptNorms {
		t.Norms = norms
	}
	return t
}

// checkAdapt holds a request against its buffers. What is wrong with the pictures, transfer.Adapt says.
func checkAdapt(args proto.Adapt, in map[string]domainRows, norms resnet.Norms) error {
	source, target := in["source"].n, in["target"].n
	withNorms := in["sourceNorms"].n+in["targetNorms"].n > 0
	switch {
	case len(args.Classes) < 2:
		return badArgument("there must be two classes or more")
	case len(args.Labels) != source:
		return badArgument(fmt.Sprintf("labels has %d numbers for the %d pictures of source", len(args.Labels), source))
	case len(args.TargetLabels) != 0 && len(args.TargetLabels) != target:
		return badArgument(fmt.Sprintf("targetLabels has %d numbers for the %d pictures of target",
			len(args.TargetLabels), target))
	case withNorms && (in["sourceNorms"].n != source || in["targetNorms"].n != target || norms == nil):
		return badArgument("the buffers sourceNorms, targetNorms and norms must be of the same pictures as source " +
			"and target")
	case !withNorms && slices.Contains(args.Methods, proto.AdaptNorms):
		return badArgument("the method norms needs the buffers sourceNorms, targetNorms and norms")
	}
	for i, label := range args.Labels {
		if label < 0 || label >= len(args.Classes) {
			return badArgument(fmt.Sprintf("picture %d of the source has the class %d, and there are %d classes", i,
				label, len(args.Classes)))
		}
	}
	for i, label := range args.TargetLabels {
		if label < transfer.Unknown || label >= len(args.Classes) {
			return badArgument(fmt.Sprintf("picture %d of the target has the class %d, and there are %d classes", i,
				label, len(args.Classes)))
		}
	}
	return nil
}

// adaptSample lists the pictures to learn from: all, or a random sample of very many, in which each class has two
// pictures at least, if it has as many. It is in the pictures' order.
func adaptSample(labels []int, n int, seed uint32) []int {
	sample := rand.New(rand.NewPCG(uint64(seed), 4)).Perm(n)
	if n > adaptMost {
		taken := map[int]int{}
		rank := make([]int, n) // 0: one of the first two of its class
		for _, i := range sample {
			if len(labels) > 0 && taken[labels[i]] < 2 {
				taken[labels[i]]++
			} else {
				rank[i] = 1
			}
		}
		slices.SortStableFunc(sample, func(i, j int) int { return cmp.Compare(rank[i], rank[j]) })
		sample = sample[:adaptMost]
	}
	slices.Sort(sample)
	return sample
}

// adaptation reads the features of the sampled pictures.
func (e *engine) adaptation(
	r request, args proto.Adapt, in map[string]domainRows, source, target []int,
) (a transfer.Adaptation, err error) {
	a = transfer.Adaptation{
		Source: transfer.Examples{D: in["source"].d, Classes: len(args.Classes)}, Seed: uint64(args.Seed),
		Compute: e.compute,
	}
	for _, i := range source {
		a.Source.Labels = append(a.Source.Labels, args.Labels[i])
	}
	for _, m := range args.Methods {
		a.Methods = append(a.Methods, transfer.AdaptMethod(m))
	}
	for _, part := range []struct {
		name     string
		pictures []int
		to       *[]float32
	}{
		{"source", source, &a.Source.X}, {"target", target, &a.Target},
		{"sourceNorms", source, &a.SourceNorms}, {"targetNorms", target, &a.TargetNorms},
	} {
		if in[part.name].n > 0 {
			if *part.to, err = e.readDomain(r, in[part.name], part.pictures); err != nil {
				return a, err
			}
		}
	}
	return a, nil
}

// answerAll answers to all pictures of the target where the methods learnt from a sample.
func (e *engine) answerAll(r request, adapted *transfer.Adapted, in map[string]domainRows, target int) error {
	all := make([]int, target)
	for i := range all {
		all[i] = i
	}
	for k := range adapted.Methods {
		adapted.Methods[k].Answers = nil
	}
	for some := range slices.Chunk(all, adaptChunk) {
		for k := range adapted.Methods {
			m := &adapted.Methods[k]
			name := "target"
			if m.Method == transfer.AdaptNorms {
				name = "targetNorms"
			}
			x, err := e.readDomain(r, in[name], some)
			if err != nil {
				return err
			}
			var answers []transfer.Answer
			e.compute(func() { answers = m.Head.Predict(x) })
			for _, a := range answers {
				m.Answers = append(m.Answers, a.Likeliest)
			}
		}
	}
	return nil
}

// adaptedMessage converts what came of it for the page.
func adaptedMessage(adapted *transfer.Adapted, source, target int) proto.Adapted {
	message := proto.Adapted{
		Chosen: proto.AdaptMethod(adapted.Chosen), Gap: adapted.Gap, Judged: adapted.Judged,
		Learnt: []int{source, target},
	}
	for _, m := range adapted.Methods {
		to := proto.AdaptedMethod{
			Method: proto.AdaptMethod(m.Method), Criterion: m.Criterion, Answers: m.Answers,
			Frequencies: append([]float64{}, m.Frequencies...),
		}
		if m.Accuracy != nil {
			accuracy := rate(*m.Accuracy)
			to.Accuracy = &accuracy
		}
		if c := m.Against; c != nil {
			to.Against = &proto.Compared{
				N: c.N, Difference: c.Difference, Low: c.Low, High: c.High, Verdict: proto.Verdict(c.Verdict),
				Needed: c.Needed,
			}
		}
		message.Methods = append(message.Methods, to)
	}
	return message
}
