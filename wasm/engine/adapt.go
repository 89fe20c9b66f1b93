//go:build js

package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/proto"
)

// adaptMost is how many pictures of each domain are learnt from at most. In 2,048 features they are 16 MB, of which
// there are some ten copies.
const adaptMost = 2000

// adaptChunk is how many pictures are answered at a time.
const adaptChunk = 256

// adapt makes classifiers that fit another domain.
func (e *engine) adapt(r request, args proto.Adapt) (message any, out buffers, err error) {
	if len(args.Blocks) == 0 {
		// With pre-activation the network's features are not these means, but those after its last norm.
		args.Blocks = []int{len(e.model.Config.BlockChannels()) - 1}
	}
	if err := e.model.Config.CheckBlocks(args.Blocks); err != nil {
		return nil, nil, badArgument(err.Error())
	}
	in := map[string]blockMeans{}
	for _, name := range []string{"source", "target", "sourceNorms", "targetNorms"} {
		if in[name], err = e.meansSent(r, name); err != nil {
			return nil, nil, err
		}
	}
	norms, err := e.normsSent(r)
	if err != nil {
		return nil, nil, err
	}
	target := in["target"].rows
	if err := checkAdapt(args, in, norms); err != nil {
		return nil, nil, err
	}
	fromSource := transfer.StratifiedSample(args.Labels, len(args.Classes), adaptMost, uint64(args.Seed))
	fromTarget := transfer.RandomSample(target, adaptMost, uint64(args.Seed))
	sourceGroups, err1 := e.groupsSent(r, in["source"], "sourceDHashes", args.SourceDHashes)
	targetGroups, err2 := e.groupsSent(r, in["target"], "targetDHashes", args.TargetDHashes)
	if err := cmp.Or(err1, err2); err != nil {
		return nil, nil, err
	}
	a, err := e.adaptation(r, args, in, fromSource, fromTarget)
	if err != nil {
		return nil, nil, err
	}
	a.SourceGroups, a.TargetGroups = some(sourceGroups, fromSource), some(targetGroups, fromTarget)
	tell := e.stepsOf(r)
	adapted, err := transfer.Adapt(r.ctx, a, func(done, total int) { _ = tell(done, total) })
	if err != nil {
		return nil, nil, teachError(err)
	}
	if len(fromTarget) < target {
		if err := e.answerAll(r, adapted, in, args.Blocks); err != nil {
			return nil, nil, err
		}
	}
	adapted.Judge(args.TargetLabels, targetGroups)
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
func checkAdapt(args proto.Adapt, in map[string]blockMeans, norms resnet.Norms) error {
	source, target := in["source"].rows, in["target"].rows
	withNorms := in["sourceNorms"].rows+in["targetNorms"].rows > 0
	switch {
	case len(args.Classes) < 2:
		return badArgument("there must be two classes or more")
	case len(args.Labels) != source:
		return badArgument(fmt.Sprintf("labels has %d numbers for the %d pictures of source", len(args.Labels), source))
	case len(args.TargetLabels) != 0 && len(args.TargetLabels) != target:
		return badArgument(fmt.Sprintf("targetLabels has %d numbers for the %d pictures of target",
			len(args.TargetLabels), target))
	case withNorms && (in["sourceNorms"].rows != source || in["targetNorms"].rows != target || norms == nil):
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

// adaptation reads the features of the sampled pictures.
func (e *engine) adaptation(
	r request, args proto.Adapt, in map[string]blockMeans, source, target []int,
) (a transfer.Adaptation, err error) {
	a = transfer.Adaptation{
		Source: transfer.Examples{D: e.model.Config.MeansLen(args.Blocks), Classes: len(args.Classes)},
		Seed:   uint64(args.Seed), Compute: e.compute,
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
		if in[part.name].rows > 0 {
			if *part.to, err = e.readRows(r, in[part.name].of(args.Blocks...), part.pictures); err != nil {
				return a, err
			}
		}
	}
	return a, nil
}

// answerAll answers to all pictures of the target where the methods learnt from a sample.
func (e *engine) answerAll(r request, adapted *transfer.Adapted, in map[string]blockMeans, blocks []int) error {
	for k := range adapted.Methods {
		adapted.Methods[k].Answers = nil
	}
	for some := range slices.Chunk(numbersBelow(in["target"].rows), adaptChunk) {
		for k := range adapted.Methods {
			m := &adapted.Methods[k]
			name := "target"
			if m.Method == transfer.AdaptNorms {
				name = "targetNorms"
			}
			x, err := e.readRows(r, in[name].of(blocks...), some)
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
		ByFrequencies: adapted.ByFrequencies, Missing: append([]int{}, adapted.Missing...),
		IfAllCome: proto.AdaptMethod(adapted.IfAllCome),
		Learnt:    []int{source, target},
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
