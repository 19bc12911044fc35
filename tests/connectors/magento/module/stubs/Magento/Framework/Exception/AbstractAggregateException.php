<?php

namespace Magento\Framework\Exception;

abstract class AbstractAggregateException extends LocalizedException
{
}
